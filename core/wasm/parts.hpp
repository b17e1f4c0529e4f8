// The parts of a mix before the limiter: vocal, reverb return and backing, as src/sitwell/render.py makes them.
//
// Every number comes from a Plan, a struct that tools/plan-code makes from the plan's schema.
#pragma once

#include "plan.hpp"
#include "sitwell/biquad.hpp"
#include "sitwell/compressor.hpp"
#include "sitwell/reverb.hpp"

namespace sitwell {

inline constexpr size_t quantum = 128;  // most frames of one call, as in WebAudio

// Stereo blocks (2, frames) in one piece of memory: the right channel starts at + frames.
struct Blocks {
  float vocal[2 * quantum], reverb[2 * quantum], backing[2 * quantum], bus[2 * quantum];
  float reduction_db[quantum];
  size_t inside = quantum;  // so many of the frames belong to the mix: after its end nothing reaches the limiter
};

// How much of each part is heard; 1 unless a person mutes something.
struct Heard {
  float vocal[quantum], reverb[quantum], backing[quantum];
};

// Whether two structs of doubles hold the same numbers.
template <class Numbers>
bool same(const Numbers& a, const Numbers& b) {
  const double *x = reinterpret_cast<const double*>(&a), *y = reinterpret_cast<const double*>(&b);
  for (size_t i = 0; i < sizeof(Numbers) / sizeof(double); ++i) {
    if (x[i] != y[i]) return false;
  }
  return true;
}

inline float gain_of(double db) { return static_cast<float>(math::db_to_gain(db)); }

// One equalizer: its bands in fixed places, so that a band that is switched finds its place; off, a band is a wire.
class BandFilter {
 public:
  static constexpr int max_bands = 6;

  BandFilter(bool enabled, const Section* bands, int count) : filter_(bands, count, 2) {
    for (int k = 0; k < count; ++k) {
      const Section& s = bands[k];
      acts_ |= enabled && !(s.b0 == 1 && s.b1 == 0 && s.b2 == 0 && s.a1 == 0 && s.a2 == 0);
    }
  }

  void resume(const BandFilter& other) {
    if (other.acts_) filter_.resume(other.filter_);
  }

  void process(float* block, size_t frames) {
    if (acts_) filter_.process(block, frames);
  }

 private:
  Biquads filter_;
  bool acts_ = false;
};

class Parts {
 public:
  // The largest room a plan can ask for.
  static size_t memory_needed(double sample_rate) {
    return Reverb::memory_needed({sample_rate, {10, 10, 10}, 4000, 200, 1.8, 1, 20, 20000, 1});
  }

  // From silence, or, where `before` is given, with the sound that is in it. `memory`: memory_needed() floats.
  Parts(const Plan& plan, double sample_rate, float* memory, const Parts* before = nullptr)
      : room_settings_(room_of(plan, sample_rate)),
        highpass_(highpass_of(plan, sample_rate)),
        equalizer_(equalizer_of(plan, sample_rate)),
        dips_(dips_of(plan, sample_rate)),
        compressor_(compressor_of(plan, sample_rate)),
        room_(make_room(room_settings_, memory, before)),
        compresses_(plan.vocal.compressor.enabled != 0),
        rings_(plan.reverb.enabled != 0),
        vocal_gain_(gain_of(plan.vocal.gain_db)),
        return_gain_(gain_of(plan.vocal.gain_db + plan.reverb.return_db)),  // the return follows the vocal
        backing_gain_(gain_of(plan.backing.gain_db)),
        master_gain_(plan.master.enabled != 0 ? gain_of(plan.master.gain_db) : 1.0f) {
    if (before == nullptr) return;
    highpass_.resume(before->highpass_);
    equalizer_.resume(before->equalizer_);
    dips_.resume(before->dips_);
    if (before->compresses_) compressor_.resume(before->compressor_);
  }

  // Vocal and backing are processed in place; the reverb return, the sum of all and the reduction are written.
  void process(Blocks& x, const Heard& heard, size_t frames) {
    highpass_.process(x.vocal, frames);
    equalizer_.process(x.vocal, frames);
    for (size_t i = 0; i < frames; ++i) x.reduction_db[i] = 0;
    if (compresses_) compressor_.process(x.vocal, 2, frames, x.reduction_db);
    for (size_t i = 0; i < 2 * frames; ++i) x.reverb[i] = rings_ ? x.vocal[i] : 0;
    if (rings_) room_.process(x.reverb, x.reverb + frames, frames);
    dips_.process(x.backing, frames);
    scale(x.vocal, vocal_gain_, frames);
    scale(x.reverb, return_gain_, frames);
    scale(x.backing, backing_gain_, frames);
    for (size_t c = 0; c < 2; ++c) {
      for (size_t i = 0; i < frames; ++i) {
        const size_t at = c * frames + i;
        const float voice = x.vocal[at] * heard.vocal[i] + x.reverb[at] * heard.reverb[i];
        x.bus[at] = i < x.inside ? (voice + x.backing[at] * heard.backing[i]) * master_gain_ : 0;
      }
    }
  }

 private:
  static void scale(float* block, float gain, size_t frames) {
    for (size_t i = 0; i < 2 * frames; ++i) block[i] *= gain;
  }

  // A band that does not act is a wire: nearly no gain, or centred where there is nothing (effects/equalizer.py).
  template <class Band>
  static Section band(Section (*design)(double, double, double, double), const Band& b, double sample_rate) {
    const bool acts = math::absolute(b.gain_db) >= 0.005 && b.frequency_hz < 0.47 * sample_rate;
    return acts ? design(sample_rate, b.frequency_hz, b.gain_db, b.q) : Section{};
  }

  static BandFilter highpass_of(const Plan& plan, double sample_rate) {
    const auto& h = plan.vocal.highpass;
    const Section section = design_highpass(sample_rate, h.frequency_hz, h.q);
    return BandFilter(h.enabled != 0, &section, 1);
  }

  static BandFilter equalizer_of(const Plan& plan, double sample_rate) {
    const auto& eq = plan.vocal.equalizer;
    const Section bands[6] = {
        band(design_low_shelf, eq.low_shelf, sample_rate), band(design_bell, eq.bell_1, sample_rate),
        band(design_bell, eq.bell_2, sample_rate),         band(design_bell, eq.bell_3, sample_rate),
        band(design_bell, eq.bell_4, sample_rate),         band(design_high_shelf, eq.high_shelf, sample_rate)};
    return BandFilter(eq.enabled != 0, bands, 6);
  }

  static BandFilter dips_of(const Plan& plan, double sample_rate) {
    const auto& eq = plan.backing.equalizer;
    const Section bands[3] = {band(design_bell, eq.bell_1, sample_rate), band(design_bell, eq.bell_2, sample_rate),
                              band(design_bell, eq.bell_3, sample_rate)};
    return BandFilter(eq.enabled != 0, bands, 3);
  }

  static Compressor compressor_of(const Plan& plan, double sample_rate) {
    const auto& c = plan.vocal.compressor;
    return Compressor(sample_rate, {c.threshold_db, c.ratio, c.knee_db, c.attack_ms, c.release_ms}, c.makeup_db);
  }

  static ReverbSettings room_of(const Plan& plan, double sample_rate) {
    const auto& r = plan.reverb;
    return {sample_rate,   {r.decay_low_s, r.decay_mid_s, r.decay_high_s},
            r.damping_hz,  r.predelay_ms,
            r.size,        r.diffusion,
            r.low_cut_hz,  r.high_cut_hz,
            r.width};
  }

  static Reverb make_room(const ReverbSettings& settings, float* memory, const Parts* before) {
    const bool rang = before != nullptr && before->rings_;
    if (rang && same(settings, before->room_settings_)) return Reverb(before->room_, memory);
    __builtin_memset(memory, 0, sizeof(float) * Reverb::memory_needed(settings));
    Reverb room(settings, memory);
    if (rang) room.resume(before->room_);
    return room;
  }

  ReverbSettings room_settings_;
  BandFilter highpass_, equalizer_, dips_;
  Compressor compressor_;
  Reverb room_;
  bool compresses_, rings_;
  float vocal_gain_, return_gain_, backing_gain_, master_gain_;
};

}  // namespace sitwell
