# wordline_flags: how every target of this project is compiled, and no other project's: it is never passed on. Results
# must be the same bits on every machine, so no -march=native and no fused multiply-add behind our back; wide vectors
# come from Highway at run time.
add_library(wordline_flags INTERFACE)
target_compile_features(wordline_flags INTERFACE cxx_std_20)
target_include_directories(wordline_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(wordline_flags INTERFACE -fno-math-errno -ffp-contract=off)
# Eigen splitting a product over threads would let the thread count into the last bit; we parallelise over arrays.
target_compile_definitions(wordline_flags INTERFACE EIGEN_DONT_PARALLELIZE)
target_link_libraries(wordline_flags INTERFACE OpenMP::OpenMP_CXX Threads::Threads)

add_library(wordline_warnings INTERFACE)
target_compile_options(wordline_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-align -Wformat=2 -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wunused
  -Wno-missing-field-initializers)  # a designated initialiser leaves the others at their defaults on purpose
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # These guess: they differ between GCC versions, cry wolf inside std::string (GCC bug 105651), and take any reference
  # that comes out of a function with a temporary argument for a dangling one (GCC 13).
  target_compile_options(wordline_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds
    -Wno-stringop-overflow -Wno-dangling-reference)
endif()
if(WORDLINE_WERROR)
  target_compile_options(wordline_warnings INTERFACE -Werror)
endif()

add_library(wordline_sanitizers INTERFACE)
if(WORDLINE_SANITIZE)
  list(JOIN WORDLINE_SANITIZE "," sanitizers)
  set(sanitizer_flags -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(wordline_sanitizers INTERFACE ${sanitizer_flags})
  target_link_options(wordline_sanitizers INTERFACE ${sanitizer_flags})
endif()
target_link_libraries(wordline_flags INTERFACE wordline_sanitizers)
