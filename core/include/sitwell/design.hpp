// Sitwell core: coefficients of second-order filters, from R. Bristow-Johnson's "Audio EQ Cookbook".
#pragma once

#include "sitwell/math.hpp"

namespace sitwell {

// One second-order section, a0 = 1: y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y''.
struct Section {
  double b0 = 1, b1 = 0, b2 = 0, a1 = 0, a2 = 0;
};

namespace detail {

struct Corner {
  double cosine, alpha;
  Corner(double sample_rate, double frequency_hz, double q) {
    const double w0 = 2 * math::pi * frequency_hz / sample_rate;
    cosine = math::cos(w0);
    alpha = math::sin(w0) / (2 * q);
  }
};

inline Section normalised(double b0, double b1, double b2, double a0, double a1, double a2) {
  return {b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0};
}

// Both shelves: `sign` is +1 for the low one and -1 for the high one.
inline Section shelf(double sample_rate, double frequency_hz, double gain_db, double q, double sign) {
  const Corner c(sample_rate, frequency_hz, q);
  const double a = math::db_to_gain(gain_db / 2);
  const double k = sign * c.cosine, beta = 2 * math::sqrt(a) * c.alpha;
  return normalised(a * ((a + 1) - (a - 1) * k + beta), sign * 2 * a * ((a - 1) - (a + 1) * k),
                    a * ((a + 1) - (a - 1) * k - beta), (a + 1) + (a - 1) * k + beta,
                    sign * -2 * ((a - 1) + (a + 1) * k), (a + 1) + (a - 1) * k - beta);
}

}  // namespace detail

inline Section design_highpass(double sample_rate, double frequency_hz, double q) {
  const detail::Corner c(sample_rate, frequency_hz, q);
  const double b = (1 + c.cosine) / 2;
  return detail::normalised(b, -2 * b, b, 1 + c.alpha, -2 * c.cosine, 1 - c.alpha);
}

inline Section design_lowpass(double sample_rate, double frequency_hz, double q) {
  const detail::Corner c(sample_rate, frequency_hz, q);
  const double b = (1 - c.cosine) / 2;
  return detail::normalised(b, 2 * b, b, 1 + c.alpha, -2 * c.cosine, 1 - c.alpha);
}

inline Section design_bell(double sample_rate, double frequency_hz, double gain_db, double q) {
  const detail::Corner c(sample_rate, frequency_hz, q);
  const double a = math::db_to_gain(gain_db / 2);
  return detail::normalised(1 + c.alpha * a, -2 * c.cosine, 1 - c.alpha * a, 1 + c.alpha / a, -2 * c.cosine,
                            1 - c.alpha / a);
}

inline Section design_low_shelf(double sample_rate, double frequency_hz, double gain_db, double q) {
  return detail::shelf(sample_rate, frequency_hz, gain_db, q, 1);
}

inline Section design_high_shelf(double sample_rate, double frequency_hz, double gain_db, double q) {
  return detail::shelf(sample_rate, frequency_hz, gain_db, q, -1);
}

}  // namespace sitwell
