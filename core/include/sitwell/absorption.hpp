// Sitwell core: how much one pass through a delay line must lose so that sound decays in a given time.
//
// A gain, a first-order low shelf and a first-order high shelf for each line. Their three gains are solved so that
// the loss at three reference frequencies is 60 m / (fs T60) dB for a line of m samples (Jot and Chaigne, "Digital
// delay networks for designing artificial reverberators", AES 90, 1991). The shelves are symmetric in dB about their
// crossover; with t = tan^2(pi f / fs) and c = tan^2(pi crossover / fs) the bilinear transform makes them
//   low   |H|^2 = (t + c G) / (t + c / G)         G: gain at 0 Hz
//   high  |H|^2 = G (G t + c) / (t + c G)         G: gain at half the sample rate
#pragma once

#include "sitwell/math.hpp"

namespace sitwell {

// Three numbers that belong to the low, the mid and the high reference frequency.
struct Bands {
  double low, mid, high;

  double smallest() const { return math::smaller(low, math::smaller(mid, high)); }
  double largest() const { return math::larger(low, math::larger(mid, high)); }
};

// b0 + b1 z^-1 over 1 + a1 z^-1.
struct Shelf {
  double b0, b1, a1;
};

// What one line loses in one pass.
struct Absorption {
  double c_low, c_high;          // squared, warped crossovers
  double g_low = 1, g_high = 1;  // shelf gains
  double gain_squared = 1;

  double low(double t) const { return (t + c_low * g_low) / (t + c_low / g_low); }
  double high(double t) const { return g_high * (g_high * t + c_high) / (t + c_high * g_high); }
  double power(double t) const { return gain_squared * low(t) * high(t); }  // |H|^2
  double gain() const { return math::sqrt(gain_squared); }

  // d ln|H|^2 / d ln G of each shelf
  double low_slope(double t) const {
    return c_low * g_low / (t + c_low * g_low) + c_low / (g_low * t + c_low);
  }
  double high_slope(double t) const {
    return 1 + g_high * t / (g_high * t + c_high) - c_high * g_high / (t + c_high * g_high);
  }

  Shelf low_shelf() const {
    const double k = math::sqrt(c_low), root = math::sqrt(g_low), norm = 1 / (1 + k / root);
    return {(1 + k * root) * norm, (k * root - 1) * norm, (k / root - 1) * norm};
  }
  Shelf high_shelf() const {
    const double k = math::sqrt(c_high), root = math::sqrt(g_high), norm = 1 / (1 + k * root);
    return {(g_high + k * root) * norm, (k * root - g_high) * norm, (k * root - 1) * norm};
  }
};

// Find the shelf gains that put ln|H|^2 at the low and the high reference so far above the mid one (Newton, damped).
// False when first-order shelves cannot be that steep.
inline bool solve_shelves(Absorption& line, const Bands& t, double low_above_mid, double high_above_mid) {
  constexpr double steepest = 4.6;  // 40 dB: beyond, more shelf gain no longer makes more slope
  double a_low = 0.5 * low_above_mid, a_high = 0.5 * high_above_mid;  // ln G
  double error = 1;
  for (int round = 0; round < 40; ++round) {
    line.g_low = math::exp(a_low);
    line.g_high = math::exp(a_high);
    const double mid = line.power(t.mid);
    const double e_low = low_above_mid - math::log(line.power(t.low) / mid);
    const double e_high = high_above_mid - math::log(line.power(t.high) / mid);
    error = math::absolute(e_low) + math::absolute(e_high);
    if (error < 1e-14) break;
    const double low_mid = line.low_slope(t.mid), high_mid = line.high_slope(t.mid);
    const double j00 = line.low_slope(t.low) - low_mid, j01 = line.high_slope(t.low) - high_mid;
    const double j10 = line.low_slope(t.high) - low_mid, j11 = line.high_slope(t.high) - high_mid;
    const double determinant = j00 * j11 - j01 * j10;
    if (math::absolute(determinant) < 1e-6) return false;
    const double step_low = (e_low * j11 - e_high * j01) / determinant;
    const double step_high = (j00 * e_high - j10 * e_low) / determinant;
    const double step = math::larger(math::absolute(step_low), math::absolute(step_high));
    const double damping = step > 1 ? 1 / step : 1;
    a_low += damping * step_low;
    a_high += damping * step_high;
    if (math::absolute(a_low) > steepest || math::absolute(a_high) > steepest) return false;
  }
  return error < 1e-11;
}

// The absorption of all lines of a network: crossovers and decay times are settled once, lines are solved one by one.
//
// Nowhere on the frequency axis may sound decay more slowly than 1.5 times the longest time asked for, so the network
// is always stable. Where that fails (say 0.2 s at 1 kHz between 2 s at both ends, which first-order shelves cannot
// do), first the crossovers move towards the middle of their range, then decay times give way in small steps.
// decay_s() tells what is left: it equals what was asked for nearly everywhere.
class AbsorptionDesign {
 public:
  static constexpr double slowest_allowed = 1.5;

  // shortest, longest: samples of the extreme lines. 1500 <= damping_hz <= 9000.
  AbsorptionDesign(double sample_rate, const Bands& decay_s, double damping_hz, int shortest, int longest)
      : sample_rate_(sample_rate), limit_s_(slowest_allowed * decay_s.largest()), decay_s_(decay_s) {
    reference_hz_ = {100, 1000, math::smaller(8000, 0.4 * sample_rate)};
    t_ = {warp(reference_hz_.low), warp(reference_hz_.mid), warp(reference_hz_.high)};
    crossover_high_hz_ = math::smaller(damping_hz, 0.35 * sample_rate);
    Absorption line;
    while (!(solve(shortest, line) && solve(longest, line))) give_way();
  }

  // Design the absorption of one line; false when it cannot be met or would decay too slowly somewhere.
  bool solve(int samples, Absorption& line) {
    const double loss = 6 * math::ln10 * samples / sample_rate_;  // -ln|H|^2 for T60 = 1 s
    const double mid = -loss / decay_s_.mid;
    line = {warp(crossover_low_hz_), warp(crossover_high_hz_)};
    worst_ = t_.mid;
    if (!solve_shelves(line, t_, -loss / decay_s_.low - mid, -loss / decay_s_.high - mid)) return false;
    line.gain_squared = math::exp(mid) / line.power(t_.mid);
    return find_slowest(line) <= math::exp(-loss / limit_s_);
  }

  Bands reference_hz() const { return reference_hz_; }
  Bands decay_s() const { return decay_s_; }

  double warp(double frequency_hz) const {
    const double tangent = math::tan(math::pi * frequency_hz / sample_rate_);
    return tangent * tangent;
  }

 private:
  // Largest |H|^2 over all frequencies (ten points an octave from below 1 Hz to the end); remembers where.
  double find_slowest(const Absorption& line) {
    double slowest = 0;
    for (double t = 1e-9; t < 1e6; t *= 1.15) {
      const double power = line.power(t);
      if (power > slowest) {
        slowest = power;
        worst_ = t;
      }
    }
    return slowest;
  }

  void give_way() {
    const bool below = worst_ < warp(300), above = worst_ > warp(0.35 * reference_hz_.high);
    if (move_crossover(below, above)) return;
    const double shortest_s = decay_s_.smallest();
    const bool all = !below && !above && decay_s_.mid <= shortest_s;  // a valley at mid, too deep to be dug
    if (below || all) shorten(decay_s_.low, shortest_s);
    if (above || all) shorten(decay_s_.high, shortest_s);
    if (!below && !above) shorten(decay_s_.mid, shortest_s);
  }

  bool move_crossover(bool below, bool above) {
    constexpr double step = 1.08;
    const Bands& decay = decay_s_;
    double& low_hz = crossover_low_hz_;
    double& high_hz = crossover_high_hz_;
    if (below && decay.low > decay.mid && low_hz < 600) return low_hz *= step, true;
    if (above && decay.high > decay.mid && high_hz > 1500) return high_hz /= step, true;
    if (below || above) return false;
    const double centre_hz = math::sqrt(reference_hz_.mid * reference_hz_.high);
    if (decay.high < decay.mid && high_hz * step < centre_hz) return high_hz *= step, true;
    if (decay.high < decay.mid && high_hz > centre_hz * step) return high_hz /= step, true;
    if (decay.low < decay.mid && low_hz > 180) return low_hz /= step, true;
    return false;
  }

  static void shorten(double& decay_s, double shortest_s) {
    decay_s = 1 / (1 / decay_s + 0.05 * (1 / shortest_s - 1 / decay_s));
  }

  double sample_rate_, limit_s_, worst_ = 0;
  Bands decay_s_, reference_hz_{}, t_{};
  double crossover_low_hz_ = 250, crossover_high_hz_ = 0;
};

}  // namespace sitwell
