// Sitwell core: flat places of a signal: runs of three or more equal samples, and how it falls away on both sides.
#pragma once

#include "sitwell/math.hpp"

namespace sitwell {

// One channel, fed block by block.
class Plateaus {
 public:
  static constexpr size_t longest = 1000;  // samples; what stays longer at one value is a square wave or a constant
  static constexpr size_t figures = 4;

  // No more runs can end within so many frames.
  static size_t runs_within(size_t frames) { return frames / 3 + 1; }

  // Writes four numbers for each run that ended: magnitude, fall on the gentler and on the steeper side (negative where
  // it rises, away from zero), length. Silence is no run. Returns the number of runs.
  size_t process(const float* samples, size_t frames, double* out) {
    size_t count = 0;
    for (size_t done = 0; done < frames;) {
      if (done > 0 && length_ == 1 && frames - done >= chunk && !repeats(samples + done)) {
        done += chunk;  // nothing is flat here, as nearly everywhere
        before_ = samples[done - 2];
        value_ = samples[done - 1];
        inside_ = true;
        continue;
      }
      const size_t end = frames - done < chunk ? frames : done + chunk;
      for (; done < end; ++done) count += take(samples[done], out + figures * count);
    }
    return count;
  }

 private:
  static constexpr size_t chunk = 32;

  // Whether one of the next samples equals the one before it.
  static bool repeats(const float* samples) {
    int found = 0;
    for (size_t i = 0; i < chunk; ++i) found |= samples[i] == *(samples + i - 1);
    return found != 0;
  }

  // Takes one sample; 1 when a run that counts ended with it.
  size_t take(float next, double* out) {
    if (next == value_ && length_ > 0) {
      ++length_;
      return 0;
    }
    const bool counts = length_ >= 3 && length_ < longest && inside_ && value_ != 0;
    if (counts) write(next, out);
    inside_ = length_ > 0;
    before_ = value_;
    value_ = next;
    length_ = 1;
    return counts ? 1 : 0;
  }

  void write(float after, double* out) const {
    const double value = static_cast<double>(value_), sign = value > 0 ? 1 : -1;
    const double left = (value - static_cast<double>(before_)) * sign;
    const double right = (value - static_cast<double>(after)) * sign;
    out[0] = value * sign;
    out[1] = left < right ? left : right;
    out[2] = left < right ? right : left;
    out[3] = static_cast<double>(length_);
  }

  float before_ = 0, value_ = 0;
  size_t length_ = 0;
  bool inside_ = false;  // there is a sample before the run
};

}  // namespace sitwell
