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

  // Take over the newest samples of another ring, in another memory: all that have room, silence before them. Over
  // `seam` samples they rise from silence and fall back to it.
  void resume(const Ring& other, int seam = 0) {
    const int kept = length < other.length ? length : other.length;
    for (int i = 0; i < length - kept; ++i) memory[i] = 0.0f;
    int cell = other.position - kept;
    if (cell < 0) cell += other.length;
    const int run = other.length - cell < kept ? other.length - cell : kept;
    float* to = memory + (length - kept);
    __builtin_memcpy(to, other.memory + cell, sizeof(float) * static_cast<size_t>(run));
    __builtin_memcpy(to + run, other.memory, sizeof(float) * static_cast<size_t>(kept - run));
    for (int i = 0; i < seam && i < kept; ++i) {
      const float share = static_cast<float>(i) / static_cast<float>(seam);
      to[i] *= share;
      to[kept - 1 - i] *= share;
    }
    position = 0;
  }

  SITWELL_INLINE void advance(int frames) {
    position += frames;
    while (position >= length) position -= length;
  }
};

// Let a ring work in other memory, with the same sound in it.
inline void move_ring(Ring& ring, Arena& arena) {
  Ring moved = {arena.take(ring.length), ring.length, 0};
  moved.resume(ring);
  ring = moved;
}

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
  ring.visit(frames, [&](float* cells, int offset, int count) SITWELL_BODY {
    float* y = x + offset;
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
