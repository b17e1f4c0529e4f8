// Sitwell core: small vectors, and the choice of instruction set at run time.
//
// All arithmetic on lanes is plain IEEE 754 without fused multiply-add, so that every build gives the same bits.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SITWELL_INLINE __attribute__((always_inline)) inline

#ifndef SITWELL_MULTIVERSION
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__) && __STDC_HOSTED__
#define SITWELL_MULTIVERSION 1
#else
#define SITWELL_MULTIVERSION 0
#endif
#endif

namespace sitwell {

using Pair = double __attribute__((vector_size(16)));  // left and right of one frame

// Processors work on chunks that end at multiples of this many frames from the start of the stream, however
// the caller splits it. What is done once a chunk (flushing faded states to zero) then never depends on blocks.
inline constexpr size_t chunk_frames = 64;
inline constexpr double faded = 1e-30;  // -600 dB: a filter state below this is silence, and never denormal

struct Position {
  size_t in_chunk = 0;

  // Frames to process now: up to the next chunk border, or to the end of the block.
  size_t next(size_t frames_left) const {
    const size_t room = chunk_frames - in_chunk;
    return frames_left < room ? frames_left : room;
  }

  // Returns true when a chunk is complete.
  bool advance(size_t frames) {
    in_chunk = (in_chunk + frames) % chunk_frames;
    return in_chunk == 0;
  }
};

#if SITWELL_MULTIVERSION
template <class Body>
[[gnu::target("avx2"), gnu::noinline]] void run_avx2(Body& body) {
  body();
}
template <class Body>
[[gnu::noinline]] void run_baseline(Body& body) {
  body();
}
#endif

// Run a body (a lambda marked SITWELL_BODY) compiled twice: for AVX2, and for the baseline of the target.
template <class Body>
inline void dispatch(Body&& body) {
#if SITWELL_MULTIVERSION
  if (__builtin_cpu_supports("avx2")) {
    run_avx2(body);
  } else {
    run_baseline(body);
  }
#else
  body();
#endif
}

#define SITWELL_BODY __attribute__((always_inline))

// Largest magnitude. Magnitudes of floats sort like their bits, and compilers vectorize a maximum of integers.
SITWELL_INLINE float largest_magnitude(const float* x, size_t n) {
  int32_t top = 0;
  for (size_t i = 0; i < n; ++i) {
    const int32_t bits = __builtin_bit_cast(int32_t, x[i]) & 0x7fffffff;
    top = bits > top ? bits : top;
  }
  return __builtin_bit_cast(float, top);
}
template <size_t N>
SITWELL_INLINE float largest_magnitude(const float* x) {
  return largest_magnitude(x, N);
}

}  // namespace sitwell
