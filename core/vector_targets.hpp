#pragma once

/// Instruction sets that files with vectors are compiled for; to be included before Highway's foreach_target.h. Three
/// widths are enough on x86; the scalar fallback of old Highway versions lacks widening products.
#if defined(__x86_64__)
#define HWY_BASELINE_TARGETS HWY_SSSE3
#define HWY_DISABLED_TARGETS (HWY_SSE4 | HWY_AVX3_DL)
#endif
