// Sitwell core: peaks between the samples, by oversampling (ITU-R BS.1770 annex 2).
//
// The annex asks for at least 4x and gives 12 taps per phase. Here: 24 taps per phase (Kaiser window) and 8x below
// 80 kHz, 4x below 160 kHz, 2x above, so that a tone at 20 kHz sampled at 44.1 kHz is read at most 0.2 dB low.
#pragma once

#include "sitwell/lanes.hpp"
#include "sitwell/math.hpp"

namespace sitwell {

// The interpolator between x[taps/2 - 1] and x[taps/2] of a window of `taps` samples.
struct Interpolator {
  static constexpr int taps = 24, half = taps / 2, phases = 8;
  static constexpr double kaiser_beta = 5.0;

  // Phases j and 8 - j mirror each other, so each pair is an even part (times x[k] + x[taps-1-k]) and an odd one.
  float even[phases / 2 + 1][half], odd[phases / 2 + 1][half];
  float gain = 1;  // no output exceeds `gain` times the largest input

  constexpr Interpolator() : even{}, odd{} {
    double largest = 1;
    for (int j = 1; j <= phases / 2; ++j) {
      double sum = 0, magnitude = 0, h[taps] = {};
      for (int k = 0; k < taps; ++k) sum += h[k] = tap(k, static_cast<double>(j) / phases);
      for (int k = 0; k < taps; ++k) magnitude += math::absolute(h[k] /= sum);  // unity gain at 0 Hz
      for (int k = 0; k < half; ++k) {
        even[j][k] = static_cast<float>((h[k] + h[taps - 1 - k]) / 2);
        odd[j][k] = static_cast<float>((h[k] - h[taps - 1 - k]) / 2);
      }
      largest = math::larger(largest, magnitude);
    }
    gain = static_cast<float>(largest * 1.0001);  // with room for rounding
  }

 private:
  static constexpr double bessel_i0(double x) {
    double sum = 1, term = 1;
    for (int n = 1; n < 40; ++n) sum += term *= (x / 2 / n) * (x / 2 / n);
    return sum;
  }

  static constexpr double tap(int k, double fraction) {
    const double distance = k - (half - 1) - fraction, r = distance / half;
    double root = 1 - r * r;  // square root by Newton, since this runs at compile time
    double guess = 1;
    for (int n = 0; n < 60; ++n) guess = (guess + root / guess) / 2;
    const double angle = math::pi * distance;
    return math::sin(angle) / angle * bessel_i0(kaiser_beta * guess);
  }
};

inline constexpr Interpolator interpolator{};

// Streams the peaks of one channel: one number for each interval between neighbouring samples.
class TruePeak {
 public:
  static constexpr int taps = Interpolator::taps;
  static constexpr size_t delay_frames = taps / 2;  // the interval reported starts this long before the newest sample

  explicit TruePeak(double sample_rate = 48000) : factor_(sample_rate < 80e3 ? 8 : sample_rate < 160e3 ? 4 : 2) {}

  // For each new sample i < n <= chunk_frames: peak[i] becomes the larger of itself and the magnitude in the interval
  // (first sample included) that sample i completes. Where all stays below `floor` only samples are looked at.
  SITWELL_INLINE void raise(const float* x, size_t n, float floor, float* peak) {
    for (size_t i = 0; i < n; ++i) line_[taps - 1 + i] = x[i];
    for (size_t i = 0; i < n; ++i) {
      const float sample = __builtin_fabsf(line_[taps / 2 - 1 + i]);
      peak[i] = sample > peak[i] ? sample : peak[i];
    }
    for (size_t i = 0; i < n; i += width) {
      const size_t count = n - i < width ? n - i : width;
      if (largest(line_ + i, count + taps - 1) * interpolator.gain <= floor) continue;
      Lanes found = factor_ == 8 ? between<1>(line_ + i) : factor_ == 4 ? between<2>(line_ + i) : between<4>(line_ + i);
      for (size_t lane = 0; lane < count; ++lane) peak[i + lane] = found[lane] > peak[i + lane] ? found[lane] : peak[i + lane];
    }
    for (size_t i = 0; i < taps - 1; ++i) line_[i] = line_[i + n];
  }

 private:
  static constexpr size_t width = 8;
  using Lanes = float __attribute__((vector_size(32)));
  using Unaligned = float __attribute__((vector_size(32), aligned(4), may_alias));

  static SITWELL_INLINE float largest(const float* x, size_t n) {
    float top = 0;
    for (size_t i = 0; i < n; ++i) top = __builtin_fabsf(x[i]) > top ? __builtin_fabsf(x[i]) : top;
    return top;
  }

  static SITWELL_INLINE Lanes magnitude(Lanes v) { return v < 0 ? -v : v; }

  // The largest magnitude strictly inside eight intervals, at multiples of Step eighths.
  template <int Step>
  static SITWELL_INLINE Lanes between(const float* x) {
    constexpr int pairs = 4 / Step;  // phases Step, 2 Step, .. 4; the last one mirrors itself
    Lanes even[pairs] = {}, odd[pairs] = {};
#pragma GCC unroll 12
    for (int k = 0; k < Interpolator::half; ++k) {
      const Lanes a = *reinterpret_cast<const Unaligned*>(x + k);
      const Lanes b = *reinterpret_cast<const Unaligned*>(x + taps - 1 - k);
      const Lanes sum = a + b, difference = a - b;
#pragma GCC unroll 4
      for (int j = 0; j < pairs; ++j) {
        even[j] += sum * interpolator.even[(j + 1) * Step][k];
        if (j + 1 < pairs) odd[j] += difference * interpolator.odd[(j + 1) * Step][k];
      }
    }
    Lanes top = magnitude(even[pairs - 1]);
    for (int j = 0; j + 1 < pairs; ++j) {  // max(|e + o|, |e - o|) = |e| + |o|
      const Lanes both = magnitude(even[j]) + magnitude(odd[j]);
      top = both > top ? both : top;
    }
    return top;
  }

  int factor_;
  float line_[taps + chunk_frames + width] = {};
};

}  // namespace sitwell
