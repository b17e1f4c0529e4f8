// Sitwell core: how loud a stereo or mono signal is over time, at a fixed hop: peak and K-weighted energy.
#pragma once

#include "sitwell/kweighting.hpp"

namespace sitwell {

class Envelope {
 public:
  static constexpr int max_channels = 2;

  Envelope(double sample_rate, size_t hop_frames) : hop_(hop_frames), weighting_(sample_rate) {}

  size_t hops_within(size_t frames) const { return (done_ + frames) / hop_; }

  // 1 or 2 channels, channel c at block + c * frames. Writes two numbers for each hop completed: the largest magnitude
  // and the sum over channels of the K-weighted mean square. Returns the number of hops.
  size_t process(const float* block, int channels, size_t frames, double* out) {
    size_t count = 0;
    dispatch([&]() SITWELL_BODY {
      for (size_t done = 0; done < frames;) {
        size_t n = position_.next(frames - done);
        if (hop_ - done_ < n) n = hop_ - done_;
        accumulate(block + done, channels > 1 ? block + frames + done : nullptr, n);
        if (position_.advance(n)) weighting_.flush_faded();
        if ((done_ += n) == hop_) finish_hop(out + 2 * count++);
        done += n;
      }
    });
    return count;
  }

 private:
  SITWELL_INLINE void accumulate(const float* left, const float* right, size_t n) {
    const float largest_left = largest_magnitude(left, n), largest_right = right ? largest_magnitude(right, n) : 0;
    const float largest = largest_left > largest_right ? largest_left : largest_right;
    peak_ = largest > peak_ ? largest : peak_;
    Pair x[chunk_frames];
    load_pairs(left, right, x, n);
    weighting_.run(x, n);
    Pair sum = sum_;
    for (size_t i = 0; i < n; ++i) sum += x[i] * x[i];
    sum_ = sum;
  }

  void finish_hop(double* out) {
    out[0] = static_cast<double>(peak_);
    out[1] = (sum_[0] + sum_[1]) / static_cast<double>(hop_);
    peak_ = 0;
    sum_ = Pair{};
    done_ = 0;
  }

  size_t hop_, done_ = 0;
  float peak_ = 0;
  Pair sum_{};
  Position position_;
  KWeighting weighting_;
};

}  // namespace sitwell
