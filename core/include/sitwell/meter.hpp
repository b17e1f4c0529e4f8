// Sitwell core: one-pass meters. They report K-weighted energies of pieces of 100 ms; loudness.hpp makes LUFS of them.
#pragma once

#include "sitwell/kweighting.hpp"
#include "sitwell/truepeak.hpp"

namespace sitwell {

// Splits a stream into tenths of a second. Where the rate is not divisible by ten the pieces differ by one sample, so
// that no time is lost in the long run: piece k ends at round(k * sample_rate / 10).
class Tenths {
 public:
  explicit Tenths(int64_t sample_rate) : sample_rate_(sample_rate) { start(); }

  size_t left() const { return length_ - done_; }
  size_t length() const { return length_; }

  // Returns true when the piece is complete; then call start().
  bool advance(size_t frames) { return (done_ += frames) == length_; }

  void start() {
    done_ = 0;
    index_ = (index_ + 1) % 10;  // ten pieces are one second exactly
    length_ = static_cast<size_t>(border(index_ == 0 ? 10 : index_) - border(index_ == 0 ? 9 : index_ - 1));
  }

  // Upper bound of the pieces that `frames` more frames can complete.
  size_t pieces_within(size_t frames) const { return frames / static_cast<size_t>(sample_rate_ / 10) + 2; }

 private:
  int64_t border(int64_t k) const { return (2 * k * sample_rate_ + 10) / 20; }

  int64_t sample_rate_, index_ = 0;
  size_t length_ = 0, done_ = 0;
};

class Meter {
 public:
  static constexpr int max_channels = 5;

  // 1 <= channels <= 5, in the order L R C Ls Rs.
  Meter(int64_t sample_rate, int channels) : channels_(channels), tenths_(sample_rate) {
    for (KWeighting& weighting : weighting_) weighting = KWeighting(static_cast<double>(sample_rate));
    for (TruePeak& peak : peak_) peak = TruePeak(static_cast<double>(sample_rate));
  }

  int channels() const { return channels_; }
  size_t pieces_within(size_t frames) const { return tenths_.pieces_within(frames); }
  float sample_peak() const { return sample_peak_; }

  // Largest magnitude between samples that the filter has passed, and a new start for both peaks.
  float passed_peak() const { return true_peak_; }
  void forget_peaks() { sample_peak_ = true_peak_ = 0; }

  // Largest magnitude between samples so far, as if silence followed.
  float true_peak() const {
    constexpr float silence[TruePeak::taps] = {};
    float top = true_peak_, peak[TruePeak::taps] = {};
    for (int c = 0; c < channels_; ++c) {
      TruePeak tail = peak_[c];
      tail.raise(silence, TruePeak::taps, top, peak);
    }
    const float largest = largest_magnitude(peak, TruePeak::taps);
    return largest > top ? largest : top;
  }

  // Channel c starts at block + c * frames. Writes an energy for each piece completed (at most pieces_within(frames))
  // and returns how many: the sum over channels of weight times mean square.
  size_t process(const float* block, size_t frames, double* energies) {
    size_t count = 0;
    dispatch([&]() SITWELL_BODY {
      for (size_t done = 0; done < frames;) {
        const size_t n = position_.next(frames - done);
        measure_peaks(block + done, frames, n);
        for (size_t at = 0; at < n;) {
          const size_t part = n - at < tenths_.left() ? n - at : tenths_.left();
          accumulate(block + done + at, frames, part);
          if (tenths_.advance(part)) energies[count++] = finish_piece();
          at += part;
        }
        if (position_.advance(n)) {
          for (KWeighting& weighting : weighting_) weighting.flush_faded();
        }
        done += n;
      }
    });
    return count;
  }

 private:
  SITWELL_INLINE void measure_peaks(const float* block, size_t stride, size_t n) {
    float peak[chunk_frames] = {};
    for (int c = 0; c < channels_; ++c) {
      const float* x = block + static_cast<size_t>(c) * stride;
      const float largest = largest_magnitude(x, n);
      sample_peak_ = largest > sample_peak_ ? largest : sample_peak_;
      peak_[c].raise(x, n, true_peak_, peak);
    }
    const float between = largest_magnitude(peak, n), largest = between > sample_peak_ ? between : sample_peak_;
    true_peak_ = largest > true_peak_ ? largest : true_peak_;
  }

  SITWELL_INLINE void accumulate(const float* block, size_t stride, size_t n) {
    Pair x[chunk_frames];
    for (int pair = 0; 2 * pair < channels_; ++pair) {
      const float* left = block + 2 * static_cast<size_t>(pair) * stride;
      load_pairs(left, 2 * pair + 1 < channels_ ? left + stride : nullptr, x, n);
      weighting_[pair].run(x, n);
      Pair sum = sum_[pair];
      for (size_t i = 0; i < n; ++i) sum += x[i] * x[i];
      sum_[pair] = sum;
    }
  }

  double finish_piece() {
    constexpr double weights[6] = {1, 1, 1, 1.41, 1.41, 0};  // BS.1770-5 table 3
    double energy = 0;
    for (int c = 0; c < channels_; ++c) energy += weights[c] * sum_[c / 2][c % 2];
    energy /= static_cast<double>(tenths_.length());
    for (Pair& sum : sum_) sum = Pair{};
    tenths_.start();
    return energy;
  }

  int channels_;
  float sample_peak_ = 0, true_peak_ = 0;
  Position position_;
  Tenths tenths_;
  Pair sum_[3] = {};
  KWeighting weighting_[3];
  TruePeak peak_[max_channels];
};

}  // namespace sitwell
