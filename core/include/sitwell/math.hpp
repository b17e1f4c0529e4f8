// Sitwell core: elementary functions without libm, the same bits on every machine.
//
// Two families. `math::` is for coefficient design: double, errors near one rounding. `fast::` is for sample
// loops: float, branch-free so that compilers turn loops over arrays into vector code. Maximum errors are
// stated at each function and are checked by tests/core/test_math.py.
#pragma once

#include <stdint.h>

namespace sitwell::math {

inline constexpr double pi = 3.14159265358979323846;
inline constexpr double ln2 = 0.693147180559945309417;
inline constexpr double ln10 = 2.30258509299404568402;

constexpr double absolute(double x) { return x < 0 ? -x : x; }
constexpr double larger(double a, double b) { return a > b ? a : b; }
constexpr double smaller(double a, double b) { return a < b ? a : b; }
inline double sqrt(double x) { return __builtin_sqrt(x); }  // one instruction; needs -fno-math-errno

// Nearest integer for |x| < 2^51, halves to even.
constexpr double nearest(double x) {
  constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52: the sum has no fraction bits left
  return (x + magic) - magic;
}

// 2^k for -1022 <= k <= 1023.
constexpr double power_of_two(int64_t k) { return __builtin_bit_cast(double, static_cast<uint64_t>(k + 1023) << 52); }

// e^x. Relative error < 4e-16 for |x| < 700; 0 below -708, +inf above 709.
constexpr double exp(double x) {
  if (x < -708.0) return 0.0;
  if (x > 709.0) return __builtin_inf();
  const double k = nearest(x / ln2);
  constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
  const double r = (x - k * ln2_high) - k * ln2_low;  // |r| <= 0.347
  double sum = 1.0;  // Taylor to r^14 / 14!, the rest is below 1e-19
  for (int n = 14; n >= 1; --n) sum = 1.0 + r * sum / n;
  return sum * power_of_two(static_cast<int64_t>(k));
}

// Natural logarithm. Absolute error < 3e-16 * max(1, |ln x|) for normal x > 0; -inf at 0 and below.
constexpr double log(double x) {
  if (!(x > 0.0)) return -__builtin_inf();
  int64_t shift = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    shift = -54;
  }
  const uint64_t bits = __builtin_bit_cast(uint64_t, x);
  int64_t k = static_cast<int64_t>(bits >> 52) - 1023;
  double m = __builtin_bit_cast(double, (bits & 0xfffffffffffffu) | 0x3ff0000000000000u);
  if (m > 1.41421356237309505) {
    m *= 0.5;
    k += 1;
  }
  const double s = (m - 1.0) / (m + 1.0), s2 = s * s;  // ln m = 2 atanh s, |s| <= 0.172
  double sum = 0.0;
  for (int n = 25; n >= 3; n -= 2) sum = (sum + 1.0 / n) * s2;
  constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
  const double e = static_cast<double>(k + shift);
  return e * ln2_high + (2.0 * s + (2.0 * s * sum + e * ln2_low));
}

constexpr double log2(double x) { return log(x) / ln2; }    // absolute error < 5e-16 * max(1, |log2 x|)
constexpr double log10(double x) { return log(x) / ln10; }  // absolute error < 5e-16 * max(1, |log10 x|)
constexpr double exp2(double x) { return exp(x * ln2); }    // relative error < 2e-16 * (2 + |x|)
constexpr double power(double base, double exponent) { return exp(exponent * log(base)); }  // base > 0
constexpr double db_to_gain(double db) { return exp(db * (ln10 / 20.0)); }    // relative error < 1e-14 to +-200 dB
constexpr double gain_to_db(double gain) { return log(gain) * (20.0 / ln10); }  // absolute error < 1e-13 dB
constexpr double power_to_db(double ratio) { return log(ratio) * (10.0 / ln10); }

namespace detail {
constexpr double sin_taylor(double x) {  // |x| <= pi/4: the rest after x^19 is below 1e-22
  const double x2 = x * x;
  double sum = 1.0;
  for (int n = 18; n >= 2; n -= 2) sum = 1.0 - x2 * sum / (n * (n + 1));
  return x * sum;
}
constexpr double cos_taylor(double x) {
  const double x2 = x * x;
  double sum = 1.0;
  for (int n = 19; n >= 1; n -= 2) sum = 1.0 - x2 * sum / (n * (n + 1));
  return sum;
}
// sin(x + quarter * pi/2) for |x| up to 1e5.
constexpr double sin_shifted(double x, int64_t quarter) {
  constexpr double high = 0x1.921fb54400000p+0, low = 0x1.0b4611a626331p-34;  // pi/2 in two parts
  const double k = nearest(x / (pi / 2));
  const double r = (x - k * high) - k * low;
  const int64_t quadrant = (static_cast<int64_t>(k) + quarter) & 3;
  const double value = (quadrant & 1) ? cos_taylor(r) : sin_taylor(r);
  return (quadrant & 2) ? -value : value;
}
}  // namespace detail

constexpr double sin(double x) { return detail::sin_shifted(x, 0); }  // absolute error < 3e-16 for |x| < 1e4
constexpr double cos(double x) { return detail::sin_shifted(x, 1); }  // absolute error < 3e-16 for |x| < 1e4
constexpr double tan(double x) { return sin(x) / cos(x); }            // relative error < 1e-15 for 0 <= x < 1.57

}  // namespace sitwell::math

namespace sitwell::fast {

// log2 for x >= 2^-126; smaller, zero and negative x count as 2^-126. Absolute error < 1.2e-6 below 2^16
// (that is half a unit in the last place of the result plus 1e-7), so 20 log10 errs by less than 1e-5 dB.
[[gnu::always_inline]] constexpr float log2(float x) {
  x = x > 0x1p-126f ? x : 0x1p-126f;
  const int32_t bits = __builtin_bit_cast(int32_t, x);
  const int32_t k = (bits - 0x3f3504f3) >> 23;  // mantissa from sqrt(1/2) to sqrt(2)
  const float m = __builtin_bit_cast(float, bits - k * (1 << 23));
  const float s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
  // 2 atanh(s) / ln 2; the s^9 term is bent to cover the rest of the series
  const float sum = 2.885390082f + s2 * (0.961796694f + s2 * (0.577078016f + s2 * (0.412198583f + s2 * 0.345f)));
  return static_cast<float>(k) + s * sum;
}

// 2^x for -126 <= x <= 127 (clamped); exactly 1 at 0. Relative error < 3e-7.
[[gnu::always_inline]] constexpr float exp2(float x) {
  x = x > -126.0f ? x : -126.0f;
  x = x < 127.0f ? x : 127.0f;
  constexpr float magic = 12582912.0f;  // 1.5 * 2^23
  const float k = (x + magic) - magic;
  const float r = (x - k) * 0.693147181f;  // |r| <= 0.347
  const float tail = 0.166666667f + r * (0.0416666667f + r * (0.00833333333f + r * 0.00138888889f));
  const float sum = 1.0f + r * (1.0f + r * (0.5f + r * tail));
  return sum * __builtin_bit_cast(float, (static_cast<int32_t>(k) + 127) * (1 << 23));
}

inline constexpr float db_per_octave = 6.02059991f;   // 20 log10(2)
inline constexpr float octaves_per_db = 0.166096405f;

// 20 log10 x, absolute error < 1e-5 dB; -758.6 dB and not less for tiny, zero or negative x.
[[gnu::always_inline]] constexpr float gain_to_db(float x) { return log2(x) * db_per_octave; }
// 10^(db / 20), relative error < 1e-6 from -100 to +100 dB; exactly 1 at 0 dB.
[[gnu::always_inline]] constexpr float db_to_gain(float db) { return exp2(db * octaves_per_db); }

}  // namespace sitwell::fast
