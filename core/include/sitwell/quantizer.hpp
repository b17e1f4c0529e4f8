// Sitwell core: float samples to 16-bit integers with triangular dither of one step (TPDF, S. Lipshitz, R. Wannamaker,
// J. Vanderkooy, "Quantization and dither: a theoretical survey", JAES 40(5), 1992).
#pragma once

#include "sitwell/lanes.hpp"

namespace sitwell {

class Quantizer {
 public:
  explicit Quantizer(uint64_t seed) : counter_(mix(seed)) {}

  // Channel c starts at block + c * frames; out is interleaved, frames * channels numbers. Full scale is 32768 and
  // clips at 32767. A frame that is exactly zero in all channels stays zero, so that silence stays silent.
  void process(const float* block, int channels, size_t frames, int16_t* out) {
    for (size_t i = 0; i < frames; ++i) {
      bool silent = true;
      for (int c = 0; c < channels; ++c) silent = silent && block[static_cast<size_t>(c) * frames + i] == 0.0f;
      for (int c = 0; c < channels; c += 2) {
        const uint64_t noise = mix(counter_ += 0x9e3779b97f4a7c15u);  // enough for two channels
        put(block[static_cast<size_t>(c) * frames + i], static_cast<uint32_t>(noise), silent, out++);
        if (c + 1 < channels) put(block[static_cast<size_t>(c + 1) * frames + i], static_cast<uint32_t>(noise >> 32), silent, out++);
      }
    }
  }

 private:
  // SplitMix64 (G. Steele, D. Lea, C. Flood, 2014): each number depends on its place in the stream only.
  static SITWELL_INLINE uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  static SITWELL_INLINE void put(float x, uint32_t noise, bool silent, int16_t* out) {
    // the difference of two 16-bit uniform numbers: triangular in (-1, 1) steps
    const int32_t triangle = static_cast<int32_t>(noise & 0xffff) - static_cast<int32_t>(noise >> 16);
    float steps = x * 32768.0f + (silent ? 0.0f : static_cast<float>(triangle) * 0x1p-16f);
    steps = steps < 32767.0f ? steps : 32767.0f;
    steps = steps > -32768.0f ? steps : -32768.0f;
    *out = static_cast<int16_t>(static_cast<int32_t>(steps + 32768.5f) - 32768);  // rounds to nearest
  }

  uint64_t counter_;
};

}  // namespace sitwell
