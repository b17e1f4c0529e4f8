// Sitwell core: a true-peak limiter with look-ahead, channels linked.
//
// Peaks between samples are found by oversampling (truepeak.hpp). The gain they ask for is held over the look-ahead,
// then released exponentially, then smoothed by two running means, so that it arrives before the peak and never late.
// The *depth* (1 - gain) is kept as an integer in units of 2^-30: running sums are exact, nothing drifts, and after a
// release the gain is exactly 1 again. Before the stream and after it there is silence.
#pragma once

#include "sitwell/truepeak.hpp"

namespace sitwell {

struct LimiterSettings {
  double sample_rate = 48000, ceiling_dbtp = -1, lookahead_ms = 2, release_ms = 100;
  int channels = 2;
};

// Largest of the newest `width` numbers of a stream, without branches (M. van Herk, 1992; J. Gil, M. Werman, 1993).
class RunningMaximum {
 public:
  RunningMaximum() = default;
  RunningMaximum(int32_t* memory, size_t width) : block_(memory), width_(width) {}

  // Go on from where one of the same width is.
  void resume(const RunningMaximum& other) {
    __builtin_memcpy(block_, other.block_, sizeof(int32_t) * width_);
    at_ = other.at_;
    newest_ = other.newest_;
  }

  SITWELL_INLINE int32_t next(int32_t value) {
    // block_[at_..] holds the maxima from there to the end of the last block, block_[..at_) the new numbers
    newest_ = value > newest_ ? value : newest_;
    block_[at_++] = value;
    const int32_t older = at_ < width_ ? block_[at_] : 0;
    const int32_t largest = older > newest_ ? older : newest_;
    if (at_ == width_) turn();
    return largest;
  }

 private:
  void turn() {
    for (size_t i = width_ - 1; i-- > 0;) block_[i] = block_[i] > block_[i + 1] ? block_[i] : block_[i + 1];
    newest_ = 0;
    at_ = 0;
  }

  int32_t* block_ = nullptr;
  size_t width_ = 1, at_ = 0;
  int32_t newest_ = 0;
};

// Sum of the newest `width` numbers of a stream, exact.
class RunningSum {
 public:
  RunningSum() = default;
  RunningSum(int64_t* memory, size_t width) : ring_(memory), width_(width) {}

  // Go on from where one of the same width is.
  void resume(const RunningSum& other) {
    __builtin_memcpy(ring_, other.ring_, sizeof(int64_t) * width_);
    at_ = other.at_;
    sum_ = other.sum_;
  }

  SITWELL_INLINE int64_t next(int64_t value) {
    sum_ += value - ring_[at_];
    ring_[at_] = value;
    at_ = at_ + 1 == width_ ? 0 : at_ + 1;
    return sum_;
  }

  bool empty() const { return sum_ == 0; }

 private:
  int64_t* ring_ = nullptr;
  size_t width_ = 1, at_ = 0;
  int64_t sum_ = 0;
};

class Limiter {
 public:
  static constexpr int max_channels = 8;

  // What the object needs besides itself, zeroed and aligned to 8 bytes.
  static size_t memory_needed(const LimiterSettings& s) {
    const Sizes z(s);
    const size_t delays = z.latency * static_cast<size_t>(s.channels);
    return sizeof(int64_t) * (z.mean1 + z.mean2) + sizeof(int32_t) * z.hold + sizeof(float) * delays;
  }

  Limiter(const LimiterSettings& s, void* memory) : sizes_(s), channels_(s.channels) {
    int64_t* at = static_cast<int64_t*>(memory);
    mean1_ = RunningSum(at, sizes_.mean1);
    mean2_ = RunningSum(at + sizes_.mean1, sizes_.mean2);
    int32_t* hold = reinterpret_cast<int32_t*>(at + sizes_.mean1 + sizes_.mean2);
    hold_ = RunningMaximum(hold, sizes_.hold);
    delay_ = reinterpret_cast<float*>(hold + sizes_.hold);
    for (TruePeak& peak : peak_) peak = TruePeak(s.sample_rate, true);
    ceiling_ = static_cast<float>(math::db_to_gain(s.ceiling_dbtp - headroom_db));
    keep_ = static_cast<int64_t>(math::exp(-1000.0 / (s.release_ms * s.sample_rate)) * 0x1p31);
    depth_scale_ = 0x1p-30 / (static_cast<double>(sizes_.mean1) * static_cast<double>(sizes_.mean2));
  }

  int channels() const { return channels_; }
  size_t latency_frames() const { return sizes_.latency; }
  static size_t latency_frames(const LimiterSettings& s) { return Sizes(s).latency; }

  // Largest reduction so far, and of the newest frame, >= 0.
  double max_reduction_db() const { return reduction_db(deepest_); }
  double reduction_db() const { return reduction_db(newest_); }

  // Go on from where another limiter is; rate, look-ahead and channels are the same, ceiling and release may differ.
  void resume(const Limiter& other) {
    hold_.resume(other.hold_);
    mean1_.resume(other.mean1_);
    mean2_.resume(other.mean2_);
    __builtin_memcpy(delay_, other.delay_, sizeof(float) * sizes_.latency * static_cast<size_t>(channels_));
    for (int c = 0; c < channels_; ++c) peak_[c] = other.peak_[c];
    released_ = other.released_;
    deepest_ = other.deepest_;
    newest_ = other.newest_;
    quiet_frames_ = other.quiet_frames_;
    delay_at_ = other.delay_at_;
  }

  // In place, delayed by latency_frames(); channel c starts at block + c * frames.
  void process(float* block, size_t frames) {
    dispatch([&]() SITWELL_BODY {
      for (size_t done = 0; done < frames;) {
        const size_t n = frames - done < chunk_frames ? frames - done : chunk_frames;
        process_chunk(block + done, frames, n);
        done += n;
      }
    });
  }

 private:
  static constexpr double headroom_db = 0.02;
  static constexpr double max_lookahead = 4000;  // frames; sums of depths stay below 2^52
  static constexpr size_t margin = 4;  // frames around a peak in which the gain is already, and still, down

  struct Sizes {
    size_t mean1, mean2, hold, latency;
    explicit Sizes(const LimiterSettings& s) {
      const double wanted = s.lookahead_ms * s.sample_rate / 1000;
      const size_t lookahead = static_cast<size_t>(math::smaller(math::larger(wanted, 2), max_lookahead) + 0.5);
      mean1 = lookahead / 2;
      mean2 = lookahead - mean1 + 1;  // together as long as the look-ahead
      hold = lookahead + 2 * margin + 1;
      latency = TruePeak::delay_frames + lookahead - 1 + margin;
    }
  };

  double reduction_db(int64_t depth) const {
    return 0.0 - math::gain_to_db(1.0 - static_cast<double>(depth) * depth_scale_);
  }

  SITWELL_INLINE void process_chunk(float* block, size_t stride, size_t n) {
    int32_t depth[chunk_frames];
    int64_t sums[chunk_frames];
    float gain[chunk_frames];
    if (!wanted_depth(block, stride, n, depth)) {
      if (quiet_frames_ >= 2 * sizes_.hold && released_ == 0 && mean1_.empty() && mean2_.empty()) {
        for (size_t i = 0; i < n; ++i) gain[i] = 1.0f;
        newest_ = 0;
        delay_and_scale(block, stride, n, gain);
        return;
      }
      quiet_frames_ += n;
    } else {
      quiet_frames_ = 0;
    }
    RunningMaximum hold = hold_;  // copies, so that the loop keeps them in registers
    RunningSum mean1 = mean1_, mean2 = mean2_;
    int64_t released = released_;
    for (size_t i = 0; i < n; ++i) {
      const int64_t held = hold.next(depth[i]);
      const int64_t released_more = (released * keep_) >> 31;
      released = held > released_more ? held : released_more;
      sums[i] = mean2.next(mean1.next(released));
    }
    hold_ = hold;
    mean1_ = mean1;
    mean2_ = mean2;
    released_ = released;
    newest_ = sums[n - 1];
    for (size_t i = 0; i < n; ++i) deepest_ = sums[i] > deepest_ ? sums[i] : deepest_;
    for (size_t i = 0; i < n; ++i) gain[i] = static_cast<float>(1.0 - to_double(sums[i]) * depth_scale_);
    delay_and_scale(block, stride, n, gain);
  }

  // The depth each interval asks for; false when none does.
  SITWELL_INLINE bool wanted_depth(const float* block, size_t stride, size_t n, int32_t* depth) {
    float peak[chunk_frames];
    for (float& p : peak) p = ceiling_;
    for (int c = 0; c < channels_; ++c) peak_[c].raise(block + static_cast<size_t>(c) * stride, n, ceiling_, peak);
    int32_t any = 0;
    for (size_t i = 0; i < n; ++i) {
      depth[i] = static_cast<int32_t>((1.0f - ceiling_ / peak[i]) * 0x1p30f);
      any |= depth[i];
    }
    return any != 0;
  }

  // Exact for 0 <= x < 2^52, and, other than the plain conversion, in vectors.
  static SITWELL_INLINE double to_double(int64_t x) {
    return __builtin_bit_cast(double, x | 0x4330000000000000) - 0x1p52;
  }

  SITWELL_INLINE void delay_and_scale(float* block, size_t stride, size_t n, const float* gain) {
    for (size_t done = 0; done < n;) {  // in runs that end where the ring does
      const size_t room = sizes_.latency - delay_at_, run = n - done < room ? n - done : room;
      for (int c = 0; c < channels_; ++c) {
        float* ring = delay_ + static_cast<size_t>(c) * sizes_.latency + delay_at_;
        float* x = block + static_cast<size_t>(c) * stride + done;
        for (size_t i = 0; i < run; ++i) {
          const float old = ring[i];
          ring[i] = x[i];
          x[i] = old * gain[done + i];
        }
      }
      delay_at_ = run == room ? 0 : delay_at_ + run;
      done += run;
    }
  }

  Sizes sizes_;
  int channels_;
  float ceiling_;
  double depth_scale_;
  int64_t keep_, released_ = 0, deepest_ = 0, newest_ = 0;
  size_t quiet_frames_ = 0, delay_at_ = 0;
  RunningMaximum hold_;
  RunningSum mean1_, mean2_;
  float* delay_ = nullptr;
  TruePeak peak_[max_channels];
};

}  // namespace sitwell
