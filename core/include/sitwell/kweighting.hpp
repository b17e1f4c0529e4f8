// Sitwell core: the K-weighting of ITU-R BS.1770 at any sample rate.
//
// BS.1770 gives coefficients for 48 kHz only. The analog prototype behind them (found by B. De Man, "Evaluation
// of implementations of the EBU R128 loudness measurement", AES 145, 2018; the same numbers as libebur128 and
// pyloudnorm) is moved to other rates by the bilinear transform.
#pragma once

#include "sitwell/biquad.hpp"

namespace sitwell {

// A high shelf of +4 dB: the head.
inline Section design_k_shelf(double sample_rate) {
  constexpr double frequency_hz = 1681.974450955533, gain_db = 3.999843853973347, q = 0.7071752369554196;
  const double k = math::tan(math::pi * frequency_hz / sample_rate);
  const double vh = math::db_to_gain(gain_db);
  const double vb = math::power(vh, 0.4996667741545416);
  return detail::normalised(vh + vb * k / q + k * k, 2 * (k * k - vh), vh - vb * k / q + k * k, 1 + k / q + k * k,
                            2 * (k * k - 1), 1 - k / q + k * k);
}

// A high-pass near 38 Hz; its numerator is 1, -2, 1 at every rate, as in the standard.
inline Section design_k_highpass(double sample_rate) {
  constexpr double frequency_hz = 38.13547087602444, q = 0.5003270373238773;
  const double k = math::tan(math::pi * frequency_hz / sample_rate);
  const double a0 = 1 + k / q + k * k;
  return {1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0};
}

// K-weights two channels.
class KWeighting {
 public:
  explicit KWeighting(double sample_rate = 48000)
      : sections_{PairSection(design_k_shelf(sample_rate)), PairSection(design_k_highpass(sample_rate))} {}

  SITWELL_INLINE void run(Pair* x, size_t frames) { run_sections<2>(sections_, x, frames); }

  // The same for several signals at once, so that no filter waits for another.
  template <int Count>
  static SITWELL_INLINE void run_together(KWeighting* weighting, Pair (*x)[chunk_frames], size_t frames) {
    Pair s1[Count][2], s2[Count][2];
    for (int a = 0; a < Count; ++a) {
      for (int k = 0; k < 2; ++k) {
        s1[a][k] = weighting[a].sections_[k].s1;
        s2[a][k] = weighting[a].sections_[k].s2;
      }
    }
    const PairSection* sections = weighting[0].sections_;  // all have the same coefficients
    for (size_t i = 0; i < frames; ++i) {
#pragma GCC unroll 8
      for (int a = 0; a < Count; ++a) {
        Pair v = x[a][i];
#pragma GCC unroll 2
        for (int k = 0; k < 2; ++k) {
          const PairSection& c = sections[k];
          const Pair y = c.b0 * v + s1[a][k];
          s1[a][k] = (c.b1 * v + s2[a][k]) - c.a1 * y;
          s2[a][k] = c.b2 * v - c.a2 * y;
          v = y;
        }
        x[a][i] = v;
      }
    }
    for (int a = 0; a < Count; ++a) {
      for (int k = 0; k < 2; ++k) {
        weighting[a].sections_[k].s1 = s1[a][k];
        weighting[a].sections_[k].s2 = s2[a][k];
      }
    }
  }

  void flush_faded() {
    sections_[0].flush_faded();
    sections_[1].flush_faded();
  }

 private:
  PairSection sections_[2];
};

}  // namespace sitwell
