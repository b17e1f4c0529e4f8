// Three plans played side by side, one of them heard, and meters on what is heard.
#pragma once

#include "deck.hpp"
#include "sitwell/loudness.hpp"
#include "sitwell/meter.hpp"

namespace sitwell {

// What is heard, as loudness and peaks.
class Listener {
 public:
  static constexpr size_t most_pieces = 4 * 3600 * 10;  // four hours of tenths of a second; then it starts again

  Listener(double sample_rate, double* memory) : meter_(static_cast<int64_t>(sample_rate), 2), energies_(memory) {}

  void process(const float* block, size_t frames) {
    if (count_ + 2 > most_pieces) count_ = 0;
    count_ += meter_.process(block, frames, energies_ + count_);
    for (size_t c = 0; c < 2; ++c) {
      const float largest = largest_magnitude(block + c * frames, frames);
      peak_[c] = largest > peak_[c] ? largest : peak_[c];
    }
  }

  // Largest sample of a channel since the last call.
  double take_peak(int channel) {
    const float peak = peak_[channel];
    peak_[channel] = 0;
    return math::gain_to_db(static_cast<double>(peak));
  }

  // Everything heard from now on; filters go on, so that nothing looks like the start of a sound.
  void restart() {
    meter_.forget_peaks();
    count_ = 0;
  }

  // `over`: the sound has ended, and what lies between its last samples and silence counts, too.
  double true_peak_dbtp(bool over) const {
    return math::gain_to_db(static_cast<double>(over ? meter_.true_peak() : meter_.passed_peak()));
  }
  double integrated() const { return integrated_lufs(energies_, count_); }
  double range_lu(double* scratch) const { return loudness_range_lu(energies_, count_, scratch); }

  // Of the newest `width` pieces; of all there are when they are fewer.
  double newest_lufs(size_t width) const {
    const size_t pieces = count_ < width ? count_ : width;
    return pieces ? energy_to_lufs(detail::mean(energies_ + count_ - pieces, pieces)) : -__builtin_inf();
  }

 private:
  Meter meter_;
  double* energies_;
  size_t count_ = 0;
  float peak_[2] = {};
};

// A gain for each part of a mix that moves in a straight line.
class Mutes {
 public:
  static constexpr int parts = 3;

  explicit Mutes(double sample_rate) : step_(static_cast<float>(1 / (0.01 * sample_rate))) {}

  void set(int part, bool heard) { target_[part] = heard ? 1.0f : 0.0f; }

  const Heard& next(size_t frames) {
    float* rows[parts] = {heard_.vocal, heard_.reverb, heard_.backing};
    for (int part = 0; part < parts; ++part) {
      for (size_t i = 0; i < frames; ++i) rows[part][i] = gain_[part] = towards(gain_[part], target_[part]);
    }
    return heard_;
  }

 private:
  float towards(float from, float to) const {
    const float distance = to - from;
    return distance > step_ ? from + step_ : distance < -step_ ? from - step_ : to;
  }

  float step_, gain_[parts] = {1, 1, 1}, target_[parts] = {1, 1, 1};
  Heard heard_;
};

class Engine {
 public:
  static constexpr int decks = 3;
  static constexpr double switch_s = 0.01;

  static size_t memory_needed(double sample_rate) {
    return decks * Deck::memory_needed(sample_rate) + 2 * Pieces::rounded(sizeof(double) * Listener::most_pieces);
  }

  Engine(const Plan& plan, double sample_rate, Pieces pieces)
      : sample_rate_(sample_rate),
        decks_{Deck(plan, sample_rate, pieces), Deck(plan, sample_rate, pieces), Deck(plan, sample_rate, pieces)},
        energies_(pieces.take<double>(Listener::most_pieces)),
        scratch_(pieces.take<double>(Listener::most_pieces)),
        listener_(sample_rate, energies_),
        mutes_(sample_rate),
        fade_(switch_s, sample_rate) {}

  void set_plan(int deck, const Plan& plan) { decks_[deck].set_plan(plan); }
  void set_heard(int part, bool heard) { mutes_.set(part, heard); }

  // Only decks that are used cost anything.
  void use(int deck, bool used) { used_[deck] = used; }

  // While one switch runs, the newest waits for its end.
  void select(int deck) { wanted_ = deck; }

  void restart() {
    for (Deck& deck : decks_) deck.restart();
    now_ = before_ = wanted_;
    fade_.stop();
    reduction_db_ = limiter_db_ = 0;
    restart_meters(true);
  }

  // Everything heard from now on; `from_silence`: this is where the sound begins.
  void restart_meters(bool from_silence) {
    if (from_silence) {
      listener_ = Listener(sample_rate_, energies_);
    } else {
      listener_.restart();
    }
  }

  Blocks& input(int deck) { return x_[deck]; }
  float* output() { return out_; }
  size_t latency_frames() const { return Ceiling::latency_frames(sample_rate_); }

  // frames <= quantum. Each used deck reads vocal and backing of its own input; output() gets what is heard.
  void process(size_t frames) {
    if (!fade_.running() && wanted_ != now_) {
      before_ = now_;
      now_ = wanted_;
      fade_.start();
    }
    const Heard& heard = mutes_.next(frames);
    for (int d = 0; d < decks; ++d) {
      if (used_[d]) decks_[d].process(x_[d], heard, mixes_[d], frames);
    }
    const float* mix = mixes_[now_];
    for (size_t i = 0; i < 2 * frames; ++i) out_[i] = fade_.running() ? mixes_[before_][i] : mix[i];
    if (fade_.running()) fade_.mix(out_, mix, frames);
    fade_.advance(frames);
    listener_.process(out_, frames);
    observe(frames);
  }

  struct Report {
    double reduction_db, limiter_db, peak_dbfs[2], momentary_lufs, short_term_lufs, integrated_lufs, true_peak_dbtp,
        loudness_range_lu, limiter_most_db;
  };

  // What was heard; reduction and peaks since the last report. `over`: nothing follows, so the range is told, too.
  void report(Report& to, bool over) {
    to = {reduction_db_,
          limiter_db_,
          {listener_.take_peak(0), listener_.take_peak(1)},
          listener_.newest_lufs(momentary_pieces),
          listener_.newest_lufs(short_term_pieces),
          listener_.integrated(),
          listener_.true_peak_dbtp(over),
          over ? listener_.range_lu(scratch_) : 0,
          -decks_[now_].limiter_max_reduction_db()};
    reduction_db_ = limiter_db_ = 0;
  }

 private:
  void observe(size_t frames) {
    for (size_t i = 0; i < frames; ++i) {
      const double reduction_db = static_cast<double>(x_[now_].reduction_db[i]);
      reduction_db_ = math::smaller(reduction_db_, reduction_db);
    }
    limiter_db_ = math::smaller(limiter_db_, -decks_[now_].limiter_reduction_db());
  }

  double sample_rate_;
  Deck decks_[decks];
  Blocks x_[decks] = {};
  float mixes_[decks][2 * quantum] = {}, out_[2 * quantum] = {};
  bool used_[decks] = {true, true, true};
  int now_ = 0, before_ = 0, wanted_ = 0;
  double* energies_;
  double* scratch_;
  Listener listener_;
  Mutes mutes_;
  Fade fade_;
  double reduction_db_ = 0, limiter_db_ = 0;
};

}  // namespace sitwell
