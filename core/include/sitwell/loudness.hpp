// Sitwell core: loudness from K-weighted energies of 100 ms pieces (ITU-R BS.1770-5, EBU Tech 3341 and 3342).
#pragma once

#include <stddef.h>

#include "sitwell/math.hpp"

namespace sitwell {

inline constexpr size_t momentary_pieces = 4;    // 400 ms
inline constexpr size_t short_term_pieces = 30;  // 3 s

inline double energy_to_lufs(double energy) { return math::power_to_db(energy) - 0.691; }  // BS.1770-5 eq. 2
inline double lufs_to_energy(double lufs) { return math::exp((lufs + 0.691) * (math::ln10 / 10)); }

namespace detail {

inline double mean(const double* values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += values[i];
  return sum / static_cast<double>(count);
}

// Mean energy of the windows of `width` pieces whose energy is at least `gate`; 0 when there is none.
inline double gated_mean(const double* energies, size_t count, size_t width, double gate) {
  double sum = 0;
  size_t kept = 0;
  for (size_t i = 0; i + width <= count; ++i) {
    const double window = mean(energies + i, width);
    if (window >= gate) {
      sum += window;
      ++kept;
    }
  }
  return kept ? sum / static_cast<double>(kept) : 0;
}

// Heap sort, ascending.
inline void sift_down(double* values, size_t root, size_t count) {
  const double value = values[root];
  for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
    if (child + 1 < count && values[child] < values[child + 1]) ++child;
    if (!(value < values[child])) break;
    values[root] = values[child];
    root = child;
  }
  values[root] = value;
}

inline void sort(double* values, size_t count) {
  for (size_t root = count / 2; root-- > 0;) sift_down(values, root, count);
  for (size_t end = count; end-- > 1;) {
    const double largest = values[0];
    values[0] = values[end];
    values[end] = largest;
    sift_down(values, 0, end);
  }
}

}  // namespace detail

// Loudness of each window of `width` pieces, hop one piece: count - width + 1 numbers, none if there are fewer pieces.
inline size_t window_lufs(const double* energies, size_t count, size_t width, double* lufs) {
  size_t windows = 0;
  for (size_t i = 0; i + width <= count; ++i) lufs[windows++] = energy_to_lufs(detail::mean(energies + i, width));
  return windows;
}

// Gated loudness: windows of 400 ms with 75 % overlap, above -70 LUFS and above the mean of those less 10 LU.
inline double integrated_lufs(const double* energies, size_t count) {
  const double absolute_gate = lufs_to_energy(-70);
  const double ungated = detail::gated_mean(energies, count, momentary_pieces, absolute_gate);
  const double gate = math::larger(absolute_gate, ungated / 10);
  return energy_to_lufs(detail::gated_mean(energies, count, momentary_pieces, gate));
}

// Loudness range (Tech 3342): windows of 3 s with 2.9 s overlap, above -70 LUFS and above the mean of those less 20 LU;
// from the 10th to the 95th percentile (nearest rank, as the reference code). `scratch` holds `count` numbers.
inline double loudness_range_lu(const double* energies, size_t count, double* scratch) {
  const double absolute_gate = lufs_to_energy(-70);
  const double ungated = detail::gated_mean(energies, count, short_term_pieces, absolute_gate);
  const double gate = math::larger(absolute_gate, ungated / 100);
  size_t kept = 0;
  for (size_t i = 0; i + short_term_pieces <= count; ++i) {
    const double window = detail::mean(energies + i, short_term_pieces);
    if (window >= gate) scratch[kept++] = window;
  }
  if (kept == 0) return 0;
  detail::sort(scratch, kept);
  const double last = static_cast<double>(kept - 1);
  const double low = scratch[static_cast<size_t>(last * 0.10 + 0.5)];
  const double high = scratch[static_cast<size_t>(last * 0.95 + 0.5)];
  return energy_to_lufs(high) - energy_to_lufs(low);
}

}  // namespace sitwell
