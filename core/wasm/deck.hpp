// One plan being played, and changed while it plays: what is new is crossfaded in over 20 ms, with the sound of before
// in its filters, its detector and its room, so that nothing clicks and no tail is cut off.
#pragma once

#include "ceiling.hpp"
#include "parts.hpp"

namespace sitwell {

// Memory handed out piece by piece, each aligned to 16 bytes.
class Pieces {
 public:
  explicit Pieces(void* memory) : at_(static_cast<unsigned char*>(memory)) {}

  static constexpr size_t rounded(size_t bytes) { return (bytes + 15) / 16 * 16; }
  template <class T>
  T* take(size_t count) {
    T* piece = reinterpret_cast<T*>(at_);
    at_ += rounded(sizeof(T) * count);
    return piece;
  }

 private:
  unsigned char* at_;
};

// A straight line from 0 to 1.
class Fade {
 public:
  explicit Fade(double seconds, double sample_rate) : length_(static_cast<size_t>(seconds * sample_rate + 0.5)) {}

  bool running() const { return at_ < length_; }
  void start() { at_ = 0; }
  void stop() { at_ = length_; }
  void advance(size_t frames) { at_ = at_ + frames < length_ ? at_ + frames : length_; }

  // Share of the new at frame i from now, 0 to 1.
  float share(size_t i) const {
    const size_t at = at_ + i + 1;
    return at < length_ ? static_cast<float>(at) / static_cast<float>(length_) : 1.0f;
  }

  // old (2, frames) becomes the mixture.
  void mix(float* old, const float* fresh, size_t frames) const {
    for (size_t i = 0; i < frames; ++i) {
      const float w = share(i);
      old[i] += w * (fresh[i] - old[i]);
      old[frames + i] += w * (fresh[frames + i] - old[frames + i]);
    }
  }

 private:
  size_t length_, at_ = length_;
};

class Deck {
 public:
  static constexpr double glide_s = 0.02;

  static size_t memory_needed(double sample_rate) {
    const size_t parts = Pieces::rounded(sizeof(float) * Parts::memory_needed(sample_rate));
    const size_t ceiling = Pieces::rounded(Ceiling::memory_needed(sample_rate));
    return 2 * (parts + ceiling) + Pieces::rounded(sizeof(float) * 2 * history_length(sample_rate));
  }

  Deck(const Plan& plan, double sample_rate, Pieces& pieces)
      : sample_rate_(sample_rate),
        wanted_(plan),
        parts_memory_{pieces.take<float>(Parts::memory_needed(sample_rate)),
                      pieces.take<float>(Parts::memory_needed(sample_rate))},
        ceiling_memory_{pieces.take<unsigned char>(Ceiling::memory_needed(sample_rate)),
                        pieces.take<unsigned char>(Ceiling::memory_needed(sample_rate))},
        history_memory_(pieces.take<float>(2 * history_length(sample_rate))),
        history_(history_memory_, history_length(sample_rate)),
        parts_{Parts(plan, sample_rate, parts_memory_[0]), Parts(plan, sample_rate, parts_memory_[1])},
        ceilings_{Ceiling(plan, sample_rate, ceiling_memory_[0], history_),
                  Ceiling(plan, sample_rate, ceiling_memory_[1], history_)},
        fade_(glide_s, sample_rate) {}

  // Glide to another plan; while a glide runs, the newest plan waits for its end.
  void set_plan(const Plan& plan) {
    waiting_ |= !same(plan, wanted_);
    wanted_ = plan;
  }

  // From silence, with the newest plan at once.
  void restart() {
    history_ = History(history_memory_, history_length(sample_rate_));
    parts_[0] = Parts(wanted_, sample_rate_, parts_memory_[0]);
    ceilings_[0] = Ceiling(wanted_, sample_rate_, ceiling_memory_[0], history_);
    now_ = 0;
    waiting_ = false;
    fade_.stop();
  }

  // x.vocal and x.backing in; all of x and `out` (2, frames) are written. `out` is late by Ceiling::latency_frames().
  void process(Blocks& x, const Heard& heard, float* out, size_t frames) {
    if (waiting_ && !fade_.running()) begin();
    const size_t next = 1 - now_;
    if (fade_.running()) {
      fresh_ = x;
      parts_[next].process(fresh_, heard, frames);
      parts_[now_].process(x, heard, frames);
      fade_.mix(x.bus, fresh_.bus, frames);
    } else {
      parts_[now_].process(x, heard, frames);
    }
    history_.write(x.bus, frames);
    ceilings_[now_].process(history_, out, frames);
    if (fade_.running()) {
      ceilings_[next].process(history_, fresh_.bus, frames);
      fade_.mix(out, fresh_.bus, frames);
      fade_.advance(frames);
      if (!fade_.running()) now_ = next;
    }
  }

  double limiter_reduction_db() const { return ceilings_[now_].reduction_db(); }
  double limiter_max_reduction_db() const { return ceilings_[now_].max_reduction_db(); }

 private:
  static size_t history_length(double sample_rate) { return Ceiling::latency_frames(sample_rate) + 2 * quantum; }

  void begin() {
    const size_t next = 1 - now_;
    parts_[next] = Parts(wanted_, sample_rate_, parts_memory_[next], &parts_[now_]);
    ceilings_[next] = Ceiling(wanted_, sample_rate_, ceiling_memory_[next], history_, &ceilings_[now_]);
    fade_.start();
    waiting_ = false;
  }

  double sample_rate_;
  Plan wanted_;
  float* parts_memory_[2];
  unsigned char* ceiling_memory_[2];
  float* history_memory_;
  History history_;
  Parts parts_[2];
  Ceiling ceilings_[2];
  size_t now_ = 0;
  bool waiting_ = false;
  Fade fade_;
  Blocks fresh_;
};

}  // namespace sitwell
