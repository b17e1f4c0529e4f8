// Sitwell core: peaks between the samples, by oversampling (ITU-R BS.1770-5 annex 2).
//
// The annex asks for 4x and shows 12 taps per phase. `fine`: 24 taps per phase and 8x below 80 kHz, 4x below 160 kHz,
// 2x above, so that a tone at 20 kHz sampled at 44.1 kHz is read at most 0.2 dB low. `plain`: 12 taps and 4x, as in the
// annex and in libebur128; on noise up to half the sample rate it differs from `fine` by half a decibel, both ways.
#pragma once

#include "sitwell/lanes.hpp"
#include "sitwell/math.hpp"

namespace sitwell {

enum class Window { kaiser, hann };

// Windowed sinc, for the points between x[Taps/2 - 1] and x[Taps/2] of a window of Taps samples, at multiples of
// 1 / Phases. Phases j and Phases - j mirror each other, so each pair is an even part (times x[k] + x[Taps-1-k]) and an
// odd one (times the difference).
template <int Taps, int Phases>
struct Interpolator {
  static constexpr int taps = Taps, half = Taps / 2, phases = Phases;

  float even[Phases / 2 + 1][half], odd[Phases / 2 + 1][half];
  float gain = 1;  // no output exceeds `gain` times the largest input

  explicit constexpr Interpolator(Window window) : even{}, odd{} {
    double largest = 1;
    for (int j = 1; j <= Phases / 2; ++j) {
      double magnitude = 0, h[Taps] = {};
      for (int k = 0; k < Taps; ++k) h[k] = tap(window, k - (half - 1) - static_cast<double>(j) / Phases);
      for (int k = 0; k < Taps; ++k) magnitude += math::absolute(h[k]);
      for (int k = 0; k < half; ++k) {
        even[j][k] = static_cast<float>((h[k] + h[Taps - 1 - k]) / 2);
        odd[j][k] = static_cast<float>((h[k] - h[Taps - 1 - k]) / 2);
      }
      largest = math::larger(largest, magnitude);
    }
    gain = static_cast<float>(largest * 1.0001);  // with room for rounding
  }

 private:
  static constexpr double tap(Window window, double distance) {
    const double angle = math::pi * distance, r = distance / half;
    const double sinc = math::sin(angle) / angle;
    if (window == Window::hann) return sinc * 0.5 * (1 + math::cos(math::pi * r));
    constexpr double beta = 5.0;
    return sinc * bessel_i0(beta * beta * (1 - r * r)) / bessel_i0(beta * beta);
  }

  static constexpr double bessel_i0(double x_squared) {
    double sum = 1, term = 1;
    for (int n = 1; n < 40; ++n) sum += term *= x_squared / (4.0 * n * n);
    return sum;
  }
};

namespace detail {

inline constexpr Interpolator<24, 8> fine(Window::kaiser);
inline constexpr Interpolator<12, 4> plain(Window::hann);

inline constexpr size_t width = 8;  // intervals looked at together
using Lanes = float __attribute__((vector_size(32)));

SITWELL_INLINE Lanes load(const float* x) {
  Lanes v;
  __builtin_memcpy(&v, x, sizeof v);
  return v;
}

// x[0..8) becomes the larger of itself and what was found.
SITWELL_INLINE void raise(float* x, Lanes found) {
  const Lanes old = load(x), top = found > old ? found : old;
  __builtin_memcpy(x, &top, sizeof top);
}

SITWELL_INLINE Lanes magnitude(Lanes v) { return v < 0 ? -v : v; }

// The largest magnitude strictly inside eight neighbouring intervals, at multiples of Step phases; x is where the
// window of the first one starts.
template <const auto& Table, int Step>
SITWELL_INLINE Lanes largest_between(const float* x) {
  constexpr int pairs = Table.phases / 2 / Step;  // the last one mirrors itself
  Lanes even[pairs] = {}, odd[pairs] = {};
#pragma GCC unroll 1
  for (int k = 0; k < Table.half; ++k) {
    const Lanes a = load(x + k), b = load(x + Table.taps - 1 - k);
    const Lanes sum = a + b, difference = a - b;
#pragma GCC unroll 4
    for (int j = 0; j < pairs; ++j) {
      even[j] += sum * Table.even[(j + 1) * Step][k];
      if (j + 1 < pairs) odd[j] += difference * Table.odd[(j + 1) * Step][k];
    }
  }
  Lanes top = magnitude(even[pairs - 1]);
  for (int j = 0; j + 1 < pairs; ++j) {  // max(|e + o|, |e - o|) = |e| + |o|
    const Lanes both = magnitude(even[j]) + magnitude(odd[j]);
    top = both > top ? both : top;
  }
  return top;
}

}  // namespace detail

// Streams the peaks of one channel: one number for each interval between neighbouring samples.
class TruePeak {
 public:
  static constexpr size_t taps = detail::fine.taps;
  static constexpr size_t delay_frames = taps / 2;  // the interval reported starts this long before the newest sample

  // `doubtful`: report what any common meter might read: `plain` counts too, and so does the reading of meters that
  // begin with a mirror image of the signal instead of silence (FFmpeg's resampler).
  explicit TruePeak(double sample_rate = 48000, bool doubtful = false)
      : step_(sample_rate < 80e3 ? 1 : sample_rate < 160e3 ? 2 : 4), doubtful_(doubtful), starting_(doubtful) {}

  // For each new sample i < n <= chunk_frames: peak[i] becomes the larger of itself and the magnitude in the interval
  // (first sample included) that sample i completes. What stays below `floor` may be left out. `peak` has room for n
  // rounded up to a multiple of 8; the numbers past n are scratch.
  SITWELL_INLINE void raise(const float* x, size_t n, float floor, float* peak) {
    for (size_t i = 0; i < n; ++i) line_[taps - 1 + i] = x[i];
    for (size_t i = 0; i < n; ++i) {
      const float sample = __builtin_fabsf(line_[taps / 2 - 1 + i]);
      peak[i] = sample > peak[i] ? sample : peak[i];
    }
    const float quiet = floor / detail::fine.gain;  // where no sample exceeds this, nothing between exceeds the floor
    if (largest_magnitude(line_, n + taps - 1) > quiet) {
      for (size_t i = 0; i < n; i += detail::width) {
        if (largest_magnitude<detail::width + taps>(line_ + i) > quiet) raise_between(line_ + i, peak + i);
      }
    }
    if (starting_) raise_mirrored(x, n, peak);
    for (size_t i = 0; i < taps - 1; ++i) line_[i] = line_[i + n];
  }

 private:
  SITWELL_INLINE void raise_between(const float* x, float* peak) const {
    if (doubtful_) detail::raise(peak, detail::largest_between<detail::plain, 1>(x + (taps - detail::plain.taps) / 2));
    detail::raise(peak, fine_peaks(x));
  }

  SITWELL_INLINE detail::Lanes fine_peaks(const float* x) const {
    if (step_ == 1) return detail::largest_between<detail::fine, 1>(x);
    if (step_ == 2) return detail::largest_between<detail::fine, 2>(x);
    return detail::largest_between<detail::fine, 4>(x);
  }

  // The first intervals once more, with x[-k] = x[k].
  [[gnu::noinline]] void raise_mirrored(const float* x, size_t n, float* peak) {
    for (size_t i = 0; i < n && starting_; ++i, ++seen_) {
      mirror_[taps - 1 - seen_] = mirror_[taps - 1 + seen_] = x[i];
      if (seen_ >= delay_frames) {
        const float found = fine_peaks(mirror_ + seen_)[0];
        peak[i] = found > peak[i] ? found : peak[i];
      }
      starting_ = seen_ + 1 < taps;
    }
  }

  int step_;
  bool doubtful_, starting_;
  size_t seen_ = 0;
  float line_[taps + chunk_frames + detail::width] = {};
  float mirror_[2 * taps + detail::width] = {};
};

}  // namespace sitwell
