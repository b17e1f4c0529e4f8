// Sitwell core: exact-length delay rings, pre-delay, and Schroeder allpasses that turn one echo into many.
//
// A ring of m samples is read and then overwritten in place, so it delays by exactly m. Memory is the caller's.
#pragma once

#include "sitwell/lanes.hpp"

namespace sitwell {

// Below -400 dB a sample is silence; so no float32 memory ever holds a denormal number.
[[gnu::always_inline]] inline float without_denormals(float x) { return __builtin_fabsf(x) < 1e-20f ? 0.0f : x; }

// Hands out pieces of one block of zeroed memory.
struct Arena {
  float* next;

  float* take(int samples) {
    float* piece = next;
    next += samples;
    return piece;
  }
};

struct Ring {
  float* memory = nullptr;
  int length = 0;
  int position = 0;

  // Calls body(cells, offset, count) for the one or more runs of contiguous cells that make `frames` steps.
  template <class Body>
  SITWELL_INLINE void visit(int frames, Body&& body) const {
    int cell = position;
    for (int done = 0; done < frames;) {
      const int room = length - cell, left = frames - done, count = left < room ? left : room;
      body(memory + cell, done, count);
      done += count;
      cell = cell + count == length ? 0 : cell + count;
    }
  }

  SITWELL_INLINE void advance(int frames) {
    position += frames;
    while (position >= length) position -= length;
  }
};

// Delay a chunk in place; a ring without memory is a wire.
SITWELL_INLINE void delay_in_place(Ring& ring, float* x, int frames) {
  if (ring.length == 0) return;
  ring.visit(frames, [&](float* cells, int offset, int count) SITWELL_BODY {
    for (int i = 0; i < count; ++i) {
      const float out = cells[i];
      cells[i] = x[offset + i];
      x[offset + i] = out;
    }
  });
  ring.advance(frames);
}

// v = x + g v(-D), y = v(-D) - g v: flat in level, dense in time (Schroeder, "Natural sounding artificial
// reverberation", 1962).
SITWELL_INLINE void diffuse_in_place(Ring& ring, float g, float* x, int frames) {
  ring.visit(frames, [&](float* __restrict cells, int offset, int count) SITWELL_BODY {
    float* __restrict y = x + offset;
    for (int i = 0; i < count; ++i) {
      const float delayed = cells[i];
      const float v = without_denormals(y[i] + g * delayed);
      cells[i] = v;
      y[i] = delayed - g * v;
    }
  });
  ring.advance(frames);
}

}  // namespace sitwell
