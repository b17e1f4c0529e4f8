// Sitwell core: K-weighted energies of several stereo signals and of their products, so that the loudness of any
// weighted sum of them is known without summing: E(sum g_i x_i) = sum g_i g_j E_ij.
#pragma once

#include "sitwell/meter.hpp"

namespace sitwell {

class CrossMeter {
 public:
  static constexpr int max_signals = 8;

  CrossMeter(int64_t sample_rate, int signals) : signals_(signals), tenths_(sample_rate) {
    for (KWeighting& weighting : weighting_) weighting = KWeighting(static_cast<double>(sample_rate));
  }

  int signals() const { return signals_; }
  size_t pieces_within(size_t frames) const { return tenths_.pieces_within(frames); }

  // blocks[s] is stereo, its right channel starts at + frames. Writes signals * signals numbers (symmetric) for each
  // piece completed and returns the number of pieces.
  size_t process(const float* const* blocks, size_t frames, double* energies) {
    size_t count = 0;
    dispatch([&]() SITWELL_BODY {
      for (size_t done = 0; done < frames;) {
        size_t n = position_.next(frames - done);
        if (tenths_.left() < n) n = tenths_.left();
        accumulate(blocks, done, frames, n);
        if (position_.advance(n)) {
          for (KWeighting& weighting : weighting_) weighting.flush_faded();
        }
        if (tenths_.advance(n)) finish_piece(energies + static_cast<size_t>(signals_ * signals_) * count++);
        done += n;
      }
    });
    return count;
  }

 private:
  SITWELL_INLINE void accumulate(const float* const* blocks, size_t offset, size_t stride, size_t n) {
    Pair x[max_signals][chunk_frames];
    for (int a = 0; a < signals_; ++a) load_pairs(blocks[a] + offset, blocks[a] + offset + stride, x[a], n);
    int a = 0;
    for (; a + 3 <= signals_; a += 3) KWeighting::run_together<3>(weighting_ + a, x + a, n);
    if (signals_ - a == 2) KWeighting::run_together<2>(weighting_ + a, x + a, n);
    if (signals_ - a == 1) KWeighting::run_together<1>(weighting_ + a, x + a, n);
    if (signals_ == 3) {
      add_products<3>(x, n);
    } else {
      for (a = 0; a < signals_; ++a) {
        for (int b = 0; b <= a; ++b) {
          for (size_t k = 0; k < n; ++k) sum_[a][b] += x[a][k] * x[b][k];
        }
      }
    }
  }

  // All products frame by frame: the sums do not wait for each other, and their order never depends on blocks.
  template <int Count>
  SITWELL_INLINE void add_products(const Pair (*x)[chunk_frames], size_t n) {
    Pair sum[Count][Count];
    for (int a = 0; a < Count; ++a) {
      for (int b = 0; b <= a; ++b) sum[a][b] = sum_[a][b];
    }
    for (size_t i = 0; i < n; ++i) {
#pragma GCC unroll 8
      for (int a = 0; a < Count; ++a) {
#pragma GCC unroll 8
        for (int b = 0; b <= a; ++b) sum[a][b] += x[a][i] * x[b][i];
      }
    }
    for (int a = 0; a < Count; ++a) {
      for (int b = 0; b <= a; ++b) sum_[a][b] = sum[a][b];
    }
  }

  void finish_piece(double* energies) {
    for (int a = 0; a < signals_; ++a) {
      for (int b = 0; b <= a; ++b) {
        const double energy = (sum_[a][b][0] + sum_[a][b][1]) / static_cast<double>(tenths_.length());
        energies[a * signals_ + b] = energies[b * signals_ + a] = energy;
        sum_[a][b] = Pair{};
      }
    }
    tenths_.start();
  }

  int signals_;
  Position position_;
  Tenths tenths_;
  Pair sum_[max_signals][max_signals] = {};
  KWeighting weighting_[max_signals];
};

}  // namespace sitwell
