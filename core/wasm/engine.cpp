// The engine with a C face, for WebAssembly: one engine in memory that the caller provides.
#include "engine.hpp"

#if __STDC_HOSTED__
#include <new>
#else
inline void* operator new(size_t, void* place) noexcept { return place; }
#endif

namespace {

constexpr size_t engine_bytes = sitwell::Pieces::rounded(sizeof(sitwell::Engine)) + 64;

sitwell::Engine& at(void* engine) { return *static_cast<sitwell::Engine*>(engine); }

}  // namespace

#define SITWELL_EXPORT extern "C" __attribute__((visibility("default")))

SITWELL_EXPORT size_t engine_knobs() { return sizeof(sitwell::Plan) / sizeof(double); }
SITWELL_EXPORT size_t engine_quantum() { return sitwell::quantum; }
SITWELL_EXPORT size_t engine_memory_needed(double sample_rate) {
  return engine_bytes + sitwell::Engine::memory_needed(sample_rate);
}

// `memory`: engine_memory_needed() bytes, aligned to 64. All decks start with this plan. Returns the engine.
SITWELL_EXPORT void* engine_create(void* memory, double sample_rate, const sitwell::Plan* plan) {
  return new (memory) sitwell::Engine(*plan, sample_rate, sitwell::Pieces(static_cast<char*>(memory) + engine_bytes));
}

SITWELL_EXPORT void engine_set_plan(void* engine, int deck, const sitwell::Plan* plan) { at(engine).set_plan(deck, *plan); }
SITWELL_EXPORT void engine_use(void* engine, int deck, int used) { at(engine).use(deck, used != 0); }
SITWELL_EXPORT void engine_select(void* engine, int deck) { at(engine).select(deck); }
SITWELL_EXPORT void engine_set_heard(void* engine, int part, int heard) { at(engine).set_heard(part, heard != 0); }
SITWELL_EXPORT void engine_restart(void* engine) { at(engine).restart(); }
SITWELL_EXPORT void engine_restart_meters(void* engine, int from_silence) {
  at(engine).restart_meters(from_silence != 0);
}
SITWELL_EXPORT size_t engine_latency(void* engine) { return at(engine).latency_frames(); }

// Stereo blocks, the right channel at + frames: vocal and backing are read and become what they are after their stages.
SITWELL_EXPORT float* engine_vocal(void* engine, int deck) { return at(engine).input(deck).vocal; }
SITWELL_EXPORT float* engine_backing(void* engine, int deck) { return at(engine).input(deck).backing; }
// How many of the next frames belong to the mix; stays until it is called again.
SITWELL_EXPORT void engine_inside(void* engine, int deck, size_t frames) { at(engine).input(deck).inside = frames; }
SITWELL_EXPORT float* engine_output(void* engine) { return at(engine).output(); }
SITWELL_EXPORT void engine_process(void* engine, size_t frames) { at(engine).process(frames); }

SITWELL_EXPORT void engine_report(void* engine, double* to, int over) {
  at(engine).report(*reinterpret_cast<sitwell::Engine::Report*>(to), over != 0);
}
