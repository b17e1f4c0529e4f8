// Sitwell core: a cascade of second-order sections, in place on float32, with float64 state.
//
// Transposed direct form II. Two channels share a vector; up to four sections run in one loop, so that the
// processor overlaps the recursion of one section with that of the others.
#pragma once

#include "sitwell/design.hpp"
#include "sitwell/lanes.hpp"

namespace sitwell {

// One section on a pair of channels.
struct PairSection {
  Pair b0, b1, b2, a1, a2;
  Pair s1{}, s2{};

  PairSection() : PairSection(Section{}) {}
  explicit PairSection(const Section& s)
      : b0{s.b0, s.b0}, b1{s.b1, s.b1}, b2{s.b2, s.b2}, a1{s.a1, s.a1}, a2{s.a2, s.a2} {}

  // Go on from where another section is.
  void resume(const PairSection& other) {
    s1 = other.s1;
    s2 = other.s2;
  }

  void flush_faded() {
    for (int lane = 0; lane < 2; ++lane) {
      if (math::absolute(s1[lane]) < faded && math::absolute(s2[lane]) < faded) s1[lane] = s2[lane] = 0;
    }
  }
};

// Filter x[0..frames) through Count sections in series.
template <int Count>
SITWELL_INLINE void run_sections(PairSection* sections, Pair* x, size_t frames) {
  Pair s1[Count], s2[Count];
  for (int k = 0; k < Count; ++k) {
    s1[k] = sections[k].s1;
    s2[k] = sections[k].s2;
  }
  for (size_t i = 0; i < frames; ++i) {
    Pair v = x[i];
#pragma GCC unroll 8
    for (int k = 0; k < Count; ++k) {
      const PairSection& c = sections[k];
      const Pair y = c.b0 * v + s1[k];
      s1[k] = (c.b1 * v + s2[k]) - c.a1 * y;
      s2[k] = c.b2 * v - c.a2 * y;
      v = y;
    }
    x[i] = v;
  }
  for (int k = 0; k < Count; ++k) {
    sections[k].s1 = s1[k];
    sections[k].s2 = s2[k];
  }
}

SITWELL_INLINE void run_cascade(PairSection* sections, int count, Pair* x, size_t frames) {
  for (; count >= 4; count -= 4, sections += 4) run_sections<4>(sections, x, frames);
  if (count == 3) run_sections<3>(sections, x, frames);
  if (count == 2) run_sections<2>(sections, x, frames);
  if (count == 1) run_sections<1>(sections, x, frames);
}

// Read two channels into pairs; `right` may be null (then the second lane is silent).
SITWELL_INLINE void load_pairs(const float* left, const float* right, Pair* x, size_t frames) {
  if (right != nullptr) {
    for (size_t i = 0; i < frames; ++i) x[i] = Pair{left[i], right[i]};
  } else {
    for (size_t i = 0; i < frames; ++i) x[i] = Pair{left[i], 0.0};
  }
}

class Biquads {
 public:
  static constexpr int max_sections = 16;
  static constexpr int max_channels = 8;

  // 0 <= count <= max_sections, 1 <= channels <= max_channels.
  Biquads(const Section* sections, int count, int channels) : count_(count), channels_(channels) {
    for (int pair = 0; 2 * pair < channels; ++pair) {
      for (int k = 0; k < count; ++k) sections_[pair][k] = PairSection(sections[k]);
    }
  }

  int channels() const { return channels_; }

  // Go on from where a cascade of as many sections and channels is, with coefficients of its own.
  void resume(const Biquads& other) {
    position_ = other.position_;
    for (int pair = 0; 2 * pair < channels_; ++pair) {
      for (int k = 0; k < count_; ++k) sections_[pair][k].resume(other.sections_[pair][k]);
    }
  }

  // In place; channel c starts at block + c * frames.
  void process(float* block, size_t frames) {
    if (count_ == 0) return;
    dispatch([&]() SITWELL_BODY { process_chunks(block, frames); });
  }

 private:
  SITWELL_INLINE void process_chunks(float* block, size_t frames) {
    for (size_t done = 0; done < frames;) {
      const size_t n = position_.next(frames - done);
      const bool complete = position_.advance(n);
      for (int pair = 0; 2 * pair < channels_; ++pair) {
        float* left = block + 2 * static_cast<size_t>(pair) * frames + done;
        float* right = 2 * pair + 1 < channels_ ? left + frames : nullptr;
        process_pair(sections_[pair], left, right, n);
        for (int k = 0; complete && k < count_; ++k) sections_[pair][k].flush_faded();
      }
      done += n;
    }
  }

  SITWELL_INLINE void process_pair(PairSection* sections, float* left, float* right, size_t n) {
    Pair x[chunk_frames];
    load_pairs(left, right, x, n);
    run_cascade(sections, count_, x, n);
    for (size_t i = 0; i < n; ++i) left[i] = static_cast<float>(x[i][0]);
    for (size_t i = 0; right != nullptr && i < n; ++i) right[i] = static_cast<float>(x[i][1]);
  }

  int count_, channels_;
  Position position_;
  PairSection sections_[max_channels / 2][max_sections];
};

}  // namespace sitwell
