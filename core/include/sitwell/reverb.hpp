// Sitwell core: a plate-like reverb, stereo in, only the return out.
//
// Pre-delay, eight allpasses a channel, sixteen lines (fdn.hpp), low cut and high cut, width. Level: for a mono input
// the return has the power of the input (unit-energy response), whatever the decay times, size and width; the two
// cuts take their part away. Nothing is modulated: the same input always gives the same bits.
#pragma once

#include "sitwell/biquad.hpp"
#include "sitwell/fdn.hpp"

namespace sitwell {

struct ReverbSettings {
  double sample_rate;            // 8000 to 192000
  Bands decay_s;                 // T60 at 100 Hz, 1 kHz and 8 kHz (0.4 fs if that is lower), 0.2 to 10
  double damping_hz;             // crossover from mid to high, 1500 to 9000
  double predelay_ms;            // 0 to 200
  double size;                   // scales the delays, 0.5 to 1.8
  double diffusion;              // 0 to 1
  double low_cut_hz, high_cut_hz;  // 12 dB per octave, 20 to 1000 and 1000 to 20000
  double width;                  // 0 mono, 1 full
};

// All lengths in samples. Lengths are primes, all different, so no two lines share a period.
struct ReverbLayout {
  // Of 732 random sets near a geometric series, with random input signs, the one with the least repetition in its
  // tail: the largest autocorrelation is 0.084 from 3 to 250 ms (median set 0.16).
  static constexpr double line_ms[fdn_lines] = {20.25, 22.84, 23.45, 27.18, 28.79, 32.07, 36.04, 40.51,
                                                44.77, 49.32, 56.79, 60.35, 68.01, 72.61, 83.21, 90.00};
  // Of 300 random pairs of sets near a geometric series, the one with the smoothest first 30 ms: echoes as dense as
  // noise, little repetition, an even spectrum, left and right unlike each other. Four allpasses leave single echoes.
  static constexpr int allpasses = 8;
  static constexpr double allpass_ms[2][allpasses] = {{0.31, 0.55, 0.92, 1.58, 1.70, 4.92, 7.70, 13.81},
                                                      {0.35, 0.70, 0.99, 1.65, 2.02, 3.91, 9.91, 12.24}};

  int predelay, lines[fdn_lines], diffusers[2][allpasses];

  explicit ReverbLayout(const ReverbSettings& settings) {
    const double scale = fitting_size(settings) * settings.sample_rate / 1000;
    predelay = static_cast<int>(settings.predelay_ms * settings.sample_rate / 1000 + 0.5);
    int previous = static_cast<int>(chunk_frames);  // no line is shorter than a chunk
    for (int i = 0; i < fdn_lines; ++i) {
      const int wanted = static_cast<int>(line_ms[i] * scale);
      previous = lines[i] = next_prime(wanted > previous ? wanted : previous + 1);
    }
    for (int c = 0; c < 2; ++c) {
      for (int k = 0; k < allpasses; ++k) diffusers[c][k] = next_prime(static_cast<int>(allpass_ms[c][k] * scale));
    }
  }

  int samples() const {
    int sum = 2 * predelay;
    for (int length : lines) sum += length;
    for (const auto& channel : diffusers) {
      for (int length : channel) sum += length;
    }
    return sum;
  }

  // Size, made smaller for short decays: no line may lose more than 15 dB a pass (it would be heard as an echo), nor
  // more than 8 dB more in one band than in the next (first-order shelves could not do it).
  static double fitting_size(const ReverbSettings& settings) {
    const Bands& decay_s = settings.decay_s;
    const double low = math::absolute(1 / decay_s.low - 1 / decay_s.mid);
    const double high = math::absolute(1 / decay_s.high - 1 / decay_s.mid);
    const double most_s = math::smaller(0.25 * decay_s.smallest(), 8.0 / 60 / math::larger(1e-3, math::larger(low, high)));
    return math::smaller(settings.size, most_s / (line_ms[fdn_lines - 1] / 1000));
  }

  static int next_prime(int number) {
    if (number < 3) return 3;
    for (int candidate = number | 1;; candidate += 2) {
      int divisor = 3;
      while (divisor * divisor <= candidate && candidate % divisor != 0) divisor += 2;
      if (divisor * divisor > candidate) return candidate;
    }
  }
};

class Reverb {
 public:
  // Floats of zeroed memory the constructor wants.
  static size_t memory_needed(const ReverbSettings& settings) {
    return static_cast<size_t>(ReverbLayout(settings).samples());
  }

  Reverb(const ReverbSettings& settings, float* memory) : Reverb(settings, ReverbLayout(settings), Arena{memory}) {}

  // In place, both channels; left and right do not overlap.
  void process(float* left, float* right, size_t frames) {
    dispatch([&]() SITWELL_BODY {
      for (size_t done = 0; done < frames;) {
        const size_t n = position_.next(frames - done);
        process_chunk(left + done, right + done, static_cast<int>(n));
        if (position_.advance(n)) flush_faded();
        done += n;
      }
    });
  }

  Bands reference_hz() const { return design_.reference_hz(); }
  Bands decay_s() const { return design_.decay_s(); }  // as designed, see AbsorptionDesign
  const Fdn& network() const { return fdn_; }

 private:
  static constexpr float allpass_gain = 0.75f;  // at diffusion 1

  Reverb(const ReverbSettings& settings, const ReverbLayout& layout, Arena arena)
      : design_(settings.sample_rate, settings.decay_s, settings.damping_hz, layout.lines[0],
                layout.lines[fdn_lines - 1]),
        fdn_(layout.lines, design_, arena),
        diffusion_(allpass_gain * static_cast<float>(settings.diffusion)),
        early_(settings.diffusion) {
    for (int c = 0; c < 2; ++c) {
      predelay_[c] = {arena.take(layout.predelay), layout.predelay, 0};
      for (int k = 0; k < ReverbLayout::allpasses; ++k) {
        diffusers_[c][k] = {arena.take(layout.diffusers[c][k]), layout.diffusers[c][k], 0};
      }
    }
    const double nyquist_safe_hz = math::smaller(settings.high_cut_hz, 0.45 * settings.sample_rate);
    tone_[0] = PairSection(design_highpass(settings.sample_rate, settings.low_cut_hz, butterworth_q));
    tone_[1] = PairSection(design_lowpass(settings.sample_rate, nyquist_safe_hz, butterworth_q));
    set_level(settings, layout);
  }

  // Mixing spreads the energy evenly over the lines, so each pass keeps the mean G of |H|^2 and the response has
  // the energy early^2 + G + G^2 + ... = early^2 + G / (1 - G), here averaged over all frequencies.
  void set_level(const ReverbSettings& settings, const ReverbLayout& layout) {
    constexpr int points = 64;
    Absorption lines[fdn_lines];
    for (int i = 0; i < fdn_lines; ++i) design_.solve(layout.lines[i], lines[i]);
    double energy = early_ * early_;
    for (int k = 0; k < points; ++k) {
      const double u = (k + 0.5) / points;  // f = u^2 fs / 2: finer steps where the low band is
      const double t = design_.warp(u * u * settings.sample_rate / 2);
      double kept = 0;
      for (const Absorption& line : lines) kept += line.power(t) / fdn_lines;
      energy += kept / (1 - kept) * 2 * u / points;
    }
    const double width = settings.width;
    // Mid and side carry equal energy; what a narrower side loses is given back to both.
    const double level = math::sqrt(2 / ((1 + width * width) * energy));
    tap_gain_ = static_cast<float>(level * 4 * 0.70710678118654752);  // lines come at a quarter of their level
    early_gain_ = static_cast<float>(level * early_ / 2);
    width_ = static_cast<float>(width);
  }

  SITWELL_INLINE void process_chunk(float* left, float* right, int n) {
    alignas(64) float mid[chunk_frames], side[chunk_frames];
    float* channels[2] = {left, right};
    for (int c = 0; c < 2; ++c) {
      delay_in_place(predelay_[c], channels[c], n);
      for (Ring& ring : diffusers_[c]) diffuse_in_place(ring, diffusion_, channels[c], n);
    }
    fdn_.process(left, right, mid, side, n);
    Pair x[chunk_frames];
    for (int i = 0; i < n; ++i) {
      const float m = tap_gain_ * mid[i] + early_gain_ * (left[i] + right[i]);
      const float s = width_ * (tap_gain_ * side[i] + early_gain_ * (left[i] - right[i]));
      x[i] = Pair{m + s, m - s};
    }
    run_sections<2>(tone_, x, static_cast<size_t>(n));
    for (int i = 0; i < n; ++i) {
      left[i] = static_cast<float>(x[i][0]);
      right[i] = static_cast<float>(x[i][1]);
    }
  }

  void flush_faded() {
    fdn_.flush_faded();
    for (PairSection& section : tone_) section.flush_faded();
  }

  static constexpr double butterworth_q = 0.70710678118654752;

  AbsorptionDesign design_;
  Fdn fdn_;
  Ring predelay_[2], diffusers_[2][ReverbLayout::allpasses];
  float diffusion_, tap_gain_ = 0, early_gain_ = 0, width_ = 1;
  double early_;
  PairSection tone_[2];
  Position position_;
};

}  // namespace sitwell
