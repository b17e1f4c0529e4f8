// The limiter at the end of a plan, always late by the same number of frames whatever its look-ahead.
#pragma once

#include "plan.hpp"
#include "sitwell/limiter.hpp"

namespace sitwell {

// The newest frames of a stereo stream.
class History {
 public:
  History(float* memory, size_t length) : memory_(memory), length_(length) {
    __builtin_memset(memory, 0, sizeof(float) * 2 * length);
  }

  // block (2, frames)
  void write(const float* block, size_t frames) {
    for (size_t i = 0; i < frames; ++i) {
      memory_[at_] = block[i];
      memory_[length_ + at_] = block[frames + i];
      at_ = at_ + 1 == length_ ? 0 : at_ + 1;
    }
  }

  // The frames that ended `lag` frames before the newest; lag + frames <= length.
  void read(float* block, size_t frames, size_t lag) const {
    size_t from = (at_ + 2 * length_ - lag - frames) % length_;
    for (size_t i = 0; i < frames; ++i) {
      block[i] = memory_[from];
      block[frames + i] = memory_[length_ + from];
      from = from + 1 == length_ ? 0 : from + 1;
    }
  }

 private:
  float* memory_;
  size_t length_, at_ = 0;
};

class Ceiling {
 public:
  static constexpr double longest_ms = 10;  // look-ahead

  // By so many frames the output is late.
  static size_t latency_frames(double sample_rate) { return Limiter::latency_frames({sample_rate, -1, longest_ms, 100, 2}); }
  static size_t memory_needed(double sample_rate) {
    return Limiter::memory_needed({sample_rate, -1, longest_ms, 100, 2});
  }

  // `history` holds the stream so far; where `before` is given and looks as far ahead, its state goes on.
  Ceiling(const Plan& plan, double sample_rate, void* memory, const History& history, const Ceiling* before = nullptr)
      : enabled_(plan.master.enabled != 0),
        settings_{sample_rate, plan.master.ceiling_dbtp, plan.master.lookahead_ms, plan.master.release_ms, 2},
        lag_(latency_frames(sample_rate) - (enabled_ ? Limiter::latency_frames(settings_) : 0)),
        limiter_(made(settings_, memory)) {
    if (before != nullptr && before->enabled_ && before->lag_ == lag_) {
      limiter_.resume(before->limiter_);
      wait_ = before->wait_;
    } else if (before != nullptr && enabled_) {
      replay(history);
    } else if (before == nullptr) {
      wait_ = lag_;
    }
  }

  // The next frames, (2, frames); they have been written to the history already.
  void process(const History& history, float* block, size_t frames) {
    const size_t before = wait_ < frames ? wait_ : frames, late = frames - before;
    wait_ -= before;
    history.read(block, late, lag_);
    if (enabled_) limiter_.process(block, late);
    if (before > 0) move_right(block, late, before);
  }

  double reduction_db() const { return enabled_ ? limiter_.reduction_db() : 0; }
  double max_reduction_db() const { return enabled_ ? limiter_.max_reduction_db() : 0; }

 private:
  static Limiter made(const LimiterSettings& settings, void* memory) {
    __builtin_memset(memory, 0, Limiter::memory_needed(settings));
    return Limiter(settings, memory);
  }

  // Put what is under way into a new limiter.
  void replay(const History& history) {
    float block[2 * chunk_frames];
    for (size_t left = limiter_.latency_frames(); left > 0;) {
      const size_t n = left < chunk_frames ? left : chunk_frames;
      history.read(block, n, lag_ + left - n);
      limiter_.process(block, n);
      left -= n;
    }
  }

  // (2, frames) in place becomes (2, silence + frames).
  static void move_right(float* block, size_t frames, size_t silence) {
    for (size_t c = 2; c-- > 0;) {
      float* to = block + c * (silence + frames);
      for (size_t i = frames; i-- > 0;) to[silence + i] = block[c * frames + i];
      for (size_t i = 0; i < silence; ++i) to[i] = 0;
    }
  }

  bool enabled_;
  LimiterSettings settings_;
  size_t lag_, wait_ = 0;  // the limiter begins with the stream: it hears no silence that an export has not
  Limiter limiter_;
};

}  // namespace sitwell
