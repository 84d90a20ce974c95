# Everything outside the house. Imported targets are system headers: our warnings do not reach into them.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json REQUIRED)

# Highway ships a CMake package or only a pkg-config file, depending on the distribution.
find_package(PkgConfig REQUIRED)
find_package(hwy CONFIG QUIET)
if(NOT TARGET hwy::hwy)
  pkg_check_modules(HWY REQUIRED IMPORTED_TARGET GLOBAL libhwy)
  add_library(hwy::hwy ALIAS PkgConfig::HWY)
endif()

# pkg-config names libhdf5 alone; FindHDF5 would also link what HDF5 itself was linked with (curl, crypto, ...).
pkg_search_module(HDF5 REQUIRED IMPORTED_TARGET GLOBAL hdf5-serial hdf5)

# Header-only libraries of which the distributions ship no (or a different) CMake package.
function(wordline_headers name header)
  find_path(WORDLINE_${name}_INCLUDE "${header}" REQUIRED)
  add_library(wordline_${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(wordline_${name} INTERFACE "${WORDLINE_${name}_INCLUDE}")
endfunction()
wordline_headers(random123 Random123/philox.h)
wordline_headers(tomlplusplus toml++/toml.h)
wordline_headers(boost_math boost/math/special_functions/erf.hpp)
