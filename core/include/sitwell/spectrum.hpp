// Sitwell core: band powers of a stereo sound, by a short-time Fourier transform of eight frames at a time.
//
// Left is the real and right the imaginary part of one transform: |Z(k)|^2 + |Z(N-k)|^2 = 2 (|L(k)|^2 + |R(k)|^2).
// The transform is Stockham's radix 4 (radix 2 last where needed); every vector lane holds another frame, so that a
// frame's result does not depend on its neighbours.
#pragma once

#include "sitwell/lanes.hpp"
#include "sitwell/math.hpp"

namespace sitwell {

class BandPowers {
 public:
  static constexpr size_t frames_at_once = 8;

  // Floats of working memory for a transform of n_fft points (a power of two, >= 16) and so many bands.
  static constexpr size_t memory_needed(size_t n_fft, size_t bands) {
    return 2 * 2 * n_fft * frames_at_once + 2 * n_fft + bands * frames_at_once;
  }

  // `window` (n_fft) and `weights` (n_fft / 2, bands), of bins 1 to n_fft / 2, must outlive this, as must `memory`.
  BandPowers(size_t n_fft, size_t bands, const float* window, const float* weights, float* memory)
      : n_fft_(n_fft), bands_(bands), window_(window), weights_(weights), x_(memory),
        y_(x_ + 2 * n_fft * frames_at_once), twiddles_(y_ + 2 * n_fft * frames_at_once), sums_(twiddles_ + 2 * n_fft) {
    for (size_t k = 0; k < n_fft; ++k) {
      const double angle = -2.0 * math::pi * static_cast<double>(k) / static_cast<double>(n_fft);
      twiddles_[2 * k] = static_cast<float>(math::cos(angle));
      twiddles_[2 * k + 1] = static_cast<float>(math::sin(angle));
    }
  }

  // Frame f begins at sample f * hop; left and right hold (frames - 1) * hop + n_fft samples. Writes (frames, bands).
  void process(const float* left, const float* right, size_t hop, size_t frames, float* powers) {
    dispatch([&]() SITWELL_BODY {
      for (size_t first = 0; first < frames; first += frames_at_once) {
        const size_t count = frames - first < frames_at_once ? frames - first : frames_at_once;
        load(left + first * hop, right + first * hop, hop, count);
        const float* spectrum = transform();
        add_up(spectrum);
        for (size_t f = 0; f < count; ++f) {
          for (size_t b = 0; b < bands_; ++b) powers[(first + f) * bands_ + b] = sums_[b * frames_at_once + f];
        }
      }
    });
  }

 private:
  using Eight = float __attribute__((vector_size(32), aligned(4), may_alias));
  struct Point {  // one bin of eight frames
    Eight re, im;
  };

  SITWELL_INLINE void load(const float* left, const float* right, size_t hop, size_t count) {
    for (size_t f = 0; f < frames_at_once; ++f) {
      const size_t from = f < count ? f * hop : 0;  // a lane without a frame repeats the first and is not read
      for (size_t n = 0; n < n_fft_; ++n) {
        x_[(2 * n) * frames_at_once + f] = window_[n] * left[from + n];
        x_[(2 * n + 1) * frames_at_once + f] = window_[n] * right[from + n];
      }
    }
  }

  SITWELL_INLINE static Point turned(const Point& a, const float* w) {
    return {a.re * w[0] - a.im * w[1], a.re * w[1] + a.im * w[0]};
  }

  // Returns where the spectrum is: x_ or y_.
  SITWELL_INLINE const float* transform() {
    Point* from = reinterpret_cast<Point*>(x_);
    Point* to = reinterpret_cast<Point*>(y_);
    size_t stride = 1;
    for (size_t n = n_fft_; n > 1; n /= n >= 4 ? 4 : 2) {
      if (n >= 4) {
        radix_4(from, to, n / 4, stride);
      } else {
        for (size_t q = 0; q < stride; ++q) {
          const Point a = from[q], b = from[q + stride];
          to[q] = {a.re + b.re, a.im + b.im};
          to[q + stride] = {a.re - b.re, a.im - b.im};
        }
      }
      stride *= n >= 4 ? 4 : 2;
      Point* swapped = from;
      from = to;
      to = swapped;
    }
    return reinterpret_cast<const float*>(from);
  }

  SITWELL_INLINE void radix_4(const Point* from, Point* to, size_t quarter, size_t stride) const {
    for (size_t p = 0; p < quarter; ++p) {
      const float* w1 = twiddles_ + 2 * p * stride;
      const float* w2 = twiddles_ + 4 * p * stride;
      const float* w3 = twiddles_ + 6 * p * stride;
      for (size_t q = 0; q < stride; ++q) {
        const Point* in = from + q + stride * p;
        const Point a = in[0], b = in[stride * quarter], c = in[2 * stride * quarter], d = in[3 * stride * quarter];
        const Point ac = {a.re + c.re, a.im + c.im}, a_c = {a.re - c.re, a.im - c.im};
        const Point bd = {b.re + d.re, b.im + d.im}, jb_d = {d.im - b.im, b.re - d.re};  // i (b - d)
        Point* out = to + q + 4 * stride * p;
        out[0] = {ac.re + bd.re, ac.im + bd.im};
        out[stride] = turned({a_c.re - jb_d.re, a_c.im - jb_d.im}, w1);
        out[2 * stride] = turned({ac.re - bd.re, ac.im - bd.im}, w2);
        out[3 * stride] = turned({a_c.re + jb_d.re, a_c.im + jb_d.im}, w3);
      }
    }
  }

  SITWELL_INLINE void add_up(const float* spectrum) {
    const Point* bins = reinterpret_cast<const Point*>(spectrum);
    Eight* sums = reinterpret_cast<Eight*>(sums_);
    for (size_t b = 0; b < bands_; ++b) sums[b] = Eight{};
    for (size_t k = 1; k <= n_fft_ / 2; ++k) {
      const Point &low = bins[k], &high = bins[n_fft_ - k];
      const Eight power = (low.re * low.re + low.im * low.im) + (high.re * high.re + high.im * high.im);
      const float* weights = weights_ + (k - 1) * bands_;
      for (size_t b = 0; b < bands_; ++b) {
        if (weights[b] != 0.0f) sums[b] += weights[b] * power;
      }
    }
  }

  size_t n_fft_, bands_;
  const float* window_;
  const float* weights_;
  float *x_, *y_, *twiddles_, *sums_;
};

}  // namespace sitwell
