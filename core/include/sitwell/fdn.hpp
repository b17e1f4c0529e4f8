// Sitwell core: sixteen delay lines, each with its absorption, mixed by a Hadamard matrix and fed back.
//
// Lossless without absorption (the matrix is orthogonal), so the decay is what the absorption says. Works on chunks
// no longer than the shortest line: read all lines, absorb, tap, mix, write back.
#pragma once

#include "sitwell/absorption.hpp"
#include "sitwell/diffusion.hpp"

namespace sitwell {

// aligned(16): without AVX compilers give such members 16 bytes of alignment, and the AVX2 build must not expect more.
using Quad = double __attribute__((vector_size(32), aligned(16)));
using QuadFloat = float __attribute__((vector_size(16), may_alias));

inline constexpr int fdn_lines = 16;

SITWELL_INLINE QuadFloat& at(float* x) { return *reinterpret_cast<QuadFloat*>(x); }

SITWELL_INLINE void transpose(QuadFloat& a, QuadFloat& b, QuadFloat& c, QuadFloat& d) {
  const QuadFloat ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const QuadFloat cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

// First-order shelves of four lines side by side: y = b x + s1 + s2, in direct form with one state each.
struct QuadAbsorption {
  Quad gain{}, c1{}, a1{}, c2{}, a2{};
  Quad s1{}, s2{};

  // The gain includes both leading coefficients and `scale`.
  void set(int lane, const Absorption& line, double scale) {
    const Shelf low = line.low_shelf(), high = line.high_shelf();
    gain[lane] = scale * line.gain() * low.b0 * high.b0;
    c1[lane] = gain[lane] * (low.b1 / low.b0 - low.a1);
    a1[lane] = low.a1;
    c2[lane] = high.b1 / high.b0 - high.a1;
    a2[lane] = high.a1;
  }

  SITWELL_INLINE void step(QuadFloat& frame) {
    const Quad x = __builtin_convertvector(frame, Quad);
    const Quad low = gain * x + s1;
    s1 = c1 * x - a1 * s1;
    frame = __builtin_convertvector(low + s2, QuadFloat);
    s2 = c2 * low - a2 * s2;
  }

  // Go on from where another one is.
  void resume(const QuadAbsorption& other) {
    s1 = other.s1;
    s2 = other.s2;
  }

  void flush_faded() {
    for (int lane = 0; lane < 4; ++lane) {
      if (math::absolute(s1[lane]) < faded) s1[lane] = 0;
      if (math::absolute(s2[lane]) < faded) s2[lane] = 0;
    }
  }
};

// Eight rows in place: two times four lines, whose recursions the processor overlaps. Four frames at a time are
// transposed, so that lanes are lines.
SITWELL_INLINE void absorb_rows(QuadAbsorption* pair, float (*rows)[chunk_frames], int frames) {
  QuadAbsorption here[2] = {pair[0], pair[1]};
  const int fours = frames / 4 * 4;
  for (int i = 0; i < fours; i += 4) {
    QuadFloat x[8];
#pragma GCC unroll 8
    for (int k = 0; k < 8; ++k) x[k] = at(rows[k] + i);
    transpose(x[0], x[1], x[2], x[3]);
    transpose(x[4], x[5], x[6], x[7]);
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      here[0].step(x[k]);
      here[1].step(x[4 + k]);
    }
    transpose(x[0], x[1], x[2], x[3]);
    transpose(x[4], x[5], x[6], x[7]);
#pragma GCC unroll 8
    for (int k = 0; k < 8; ++k) at(rows[k] + i) = x[k];
  }
  for (int i = fours; i < frames; ++i) {
    for (int half = 0; half < 2; ++half) {
      float(*four)[chunk_frames] = rows + 4 * half;
      QuadFloat x = {four[0][i], four[1][i], four[2][i], four[3][i]};
      here[half].step(x);
      for (int lane = 0; lane < 4; ++lane) four[lane][i] = x[lane];
    }
  }
  for (int half = 0; half < 2; ++half) {
    pair[half].s1 = here[half].s1;
    pair[half].s2 = here[half].s2;
  }
}

// One radix-4 step of the Walsh-Hadamard transform over rows r, r + stride, r + 2 stride, r + 3 stride.
SITWELL_INLINE void hadamard_rows(float* row, int stride, int frames) {
  float* __restrict a = row;
  float* __restrict b = row + stride;
  float* __restrict c = row + 2 * stride;
  float* __restrict d = row + 3 * stride;
  for (int i = 0; i < frames; ++i) {
    const float ab = a[i] + b[i], a_b = a[i] - b[i], cd = c[i] + d[i], c_d = c[i] - d[i];
    a[i] = ab + cd;
    b[i] = a_b + c_d;
    c[i] = ab - cd;
    d[i] = a_b - c_d;
  }
}

class Fdn {
 public:
  // Even lines hear the left channel, odd lines the right one. Taps: lines of `mid_lines` make what both outputs
  // share, lines of `side_lines` what is opposite in them; equal numbers of long and short ones.
  static constexpr int mid_lines[8] = {0, 3, 5, 6, 9, 10, 12, 15};
  static constexpr int side_lines[8] = {1, 2, 4, 7, 8, 11, 13, 14};
  static constexpr float input_signs[fdn_lines] = {-1, 1, -1, 1, -1, 1, 1, 1, 1, 1, 1, -1, 1, -1, -1, -1};

  Fdn(const int (&lengths)[fdn_lines], AbsorptionDesign& design, Arena& arena) {
    for (int i = 0; i < fdn_lines; ++i) {
      rings_[i] = {arena.take(lengths[i]), lengths[i], 0};
      Absorption line;
      design.solve(lengths[i], line);
      absorption_[i / 4].set(i % 4, line, mixing_gain);
    }
  }

  // frames <= chunk_frames; mid and side become sums of eight lines, each at a quarter of its level.
  SITWELL_INLINE void process(const float* left, const float* right, float* mid, float* side, int frames) {
    alignas(64) float rows[fdn_lines][chunk_frames];
    for (int i = 0; i < fdn_lines; ++i) read(rings_[i], rows[i], frames);
    absorb_rows(absorption_, rows, frames);
    absorb_rows(absorption_ + 2, rows + 8, frames);
    tap(rows, mid_lines, mid, frames);
    tap(rows, side_lines, side, frames);
    for (int q = 0; q < 4; ++q) hadamard_rows(rows[4 * q], chunk_frames, frames);
    for (int q = 0; q < 4; ++q) hadamard_rows(rows[q], 4 * chunk_frames, frames);
    for (int i = 0; i < fdn_lines; ++i) {
      write(rings_[i], rows[i], i % 2 == 0 ? left : right, input_signs[i] * input_gain, frames);
    }
  }

  // A bent sequence: its Hadamard transform is flat, so the outputs resemble no line more than another and no lag of
  // the response stands out.
  static constexpr float tap_sign(int line) {
    return ((line & (line >> 1)) ^ ((line >> 2) & (line >> 3))) & 1 ? -1.0f : 1.0f;
  }

  // Go on with the sound that is in another network; `seam` as in Ring.
  void resume(const Fdn& other, int seam) {
    for (int i = 0; i < fdn_lines; ++i) rings_[i].resume(other.rings_[i], seam);
    for (int q = 0; q < 4; ++q) absorption_[q].resume(other.absorption_[q]);
  }

  // Work in other memory, with the same sound in it.
  void move_to(Arena& arena) {
    for (Ring& ring : rings_) move_ring(ring, arena);
  }

  int length(int line) const { return rings_[line].length; }

  // What one pass does to a line: (b + c1 / (z + a1)) (1 + c2 / (z + a2)), out = {b, c1, a1, c2, a2}.
  void absorption(int line, double* out) const {
    const QuadAbsorption& four = absorption_[line / 4];
    const int lane = line % 4;
    out[0] = four.gain[lane] / mixing_gain;
    out[1] = four.c1[lane] / mixing_gain;
    out[2] = four.a1[lane];
    out[3] = four.c2[lane];
    out[4] = four.a2[lane];
  }

  void flush_faded() {
    for (QuadAbsorption& four : absorption_) four.flush_faded();
  }

 private:
  static constexpr double mixing_gain = 0.25;  // makes the 16-point transform orthogonal
  static constexpr float input_gain = 0.353553391f;  // 1 / sqrt(8): unit energy from each channel

  SITWELL_INLINE static void read(const Ring& ring, float* row, int frames) {
    ring.visit(frames, [&](const float* cells, int offset, int count) SITWELL_BODY {
      for (int i = 0; i < count; ++i) row[offset + i] = cells[i];
    });
  }

  SITWELL_INLINE static void tap(float (&rows)[fdn_lines][chunk_frames], const int (&lines)[8], float* sum, int frames) {
    for (int i = 0; i < frames; ++i) {
      float total = 0;
#pragma GCC unroll 8
      for (int k = 0; k < 8; ++k) total += tap_sign(lines[k]) * rows[lines[k]][i];
      sum[i] = total;
    }
  }

  SITWELL_INLINE static void write(Ring& ring, const float* row, const float* input, float gain, int frames) {
    ring.visit(frames, [&](float* cells, int offset, int count) SITWELL_BODY {
      for (int i = 0; i < count; ++i) cells[i] = without_denormals(row[offset + i] + gain * input[offset + i]);
    });
    ring.advance(frames);
  }

  Ring rings_[fdn_lines];
  QuadAbsorption absorption_[4];
};

}  // namespace sitwell
