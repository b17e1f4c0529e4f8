// Sitwell core: float samples to 16-bit integers with triangular dither of two steps from end to end.
//
// TPDF; S. Lipshitz, R. Wannamaker, J. Vanderkooy, "Quantization and dither: a theoretical survey", JAES 40(5), 1992.
#pragma once

#include "sitwell/lanes.hpp"

namespace sitwell {

class Quantizer {
 public:
  explicit Quantizer(uint64_t seed) : counter_(scramble(static_cast<uint32_t>(seed ^ (seed >> 32)))) {}

  // Channel c starts at block + c * frames; out is interleaved, frames * channels numbers. Full scale is 32768 and
  // clips at 32767. A frame that is exactly zero in all channels stays zero, so that silence stays silent.
  void process(const float* block, int channels, size_t frames, int16_t* out) {
    dispatch([&]() SITWELL_BODY {
      for (size_t done = 0; done < frames; done += chunk_frames) {
        const size_t n = frames - done < chunk_frames ? frames - done : chunk_frames;
        process_chunk(block + done, channels, frames, n, out + done * static_cast<size_t>(channels));
      }
    });
  }

 private:
  SITWELL_INLINE void process_chunk(const float* block, int channels, size_t stride, size_t n, int16_t* out) {
    float dither[chunk_frames];  // 1 or, in a silent frame, 0
    for (size_t i = 0; i < n; ++i) dither[i] = 0.0f;
    for (int c = 0; c < channels; ++c) {
      const float* x = block + static_cast<size_t>(c) * stride;
      for (size_t i = 0; i < n; ++i) dither[i] = x[i] != 0.0f ? 1.0f : dither[i];
    }
    const uint32_t step = static_cast<uint32_t>(channels);
    for (int c = 0; c < channels; ++c) {
      int16_t steps[chunk_frames];
      const float* x = block + static_cast<size_t>(c) * stride;
      const uint32_t first = counter_ + static_cast<uint32_t>(c);
      for (size_t i = 0; i < n; ++i) {
        steps[i] = quantize(x[i], dither[i], scramble(first + static_cast<uint32_t>(i) * step));
      }
      for (size_t i = 0; i < n; ++i) out[i * step + static_cast<uint32_t>(c)] = steps[i];
    }
    counter_ += static_cast<uint32_t>(n) * step;
  }

  // A hash of 32 bits (C. Wellons, "Prospecting for hash functions", 2018, lowbias32; public domain): each number
  // depends only on its place in the stream, which repeats after 2^32 samples, or 13 hours of stereo.
  static SITWELL_INLINE uint32_t scramble(uint32_t z) {
    z = (z ^ (z >> 16)) * 0x7feb352du;
    z = (z ^ (z >> 15)) * 0x846ca68bu;
    return z ^ (z >> 16);
  }

  static SITWELL_INLINE int16_t quantize(float x, float dither, uint32_t noise) {
    // the difference of two uniform 16-bit numbers: triangular from -1 to 1 step
    const int32_t triangle = static_cast<int32_t>(noise & 0xffff) - static_cast<int32_t>(noise >> 16);
    float steps = x * 32768.0f + dither * (static_cast<float>(triangle) * 0x1p-16f);
    steps = steps < 32767.0f ? steps : 32767.0f;
    steps = steps > -32768.0f ? steps : -32768.0f;
    return static_cast<int16_t>(static_cast<int32_t>(steps + 32768.5f) - 32768);  // rounds to nearest
  }

  uint32_t counter_;
};

}  // namespace sitwell
