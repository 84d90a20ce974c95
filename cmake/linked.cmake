# Highway and HDF5: libraries that a program linking ours needs too. The installed package reads this file as well, so
# that both find the same targets. WORDLINE_LINKED_MISSING lists what is not there.
set(WORDLINE_LINKED_MISSING "")

# Highway ships a CMake package or only a pkg-config file, depending on the distribution.
find_package(hwy CONFIG QUIET)
if(NOT TARGET hwy::hwy)
  pkg_check_modules(WORDLINE_HWY QUIET IMPORTED_TARGET GLOBAL libhwy)
  if(TARGET PkgConfig::WORDLINE_HWY)
    add_library(hwy::hwy INTERFACE IMPORTED GLOBAL)
    target_link_libraries(hwy::hwy INTERFACE PkgConfig::WORDLINE_HWY)
  else()
    list(APPEND WORDLINE_LINKED_MISSING "Highway (libhwy)")
  endif()
endif()

# pkg-config names libhdf5 alone; FindHDF5 would also link what HDF5 itself was linked with (curl, crypto, ...).
pkg_search_module(WORDLINE_HDF5 QUIET IMPORTED_TARGET GLOBAL hdf5-serial hdf5)
if(NOT TARGET PkgConfig::WORDLINE_HDF5)
  list(APPEND WORDLINE_LINKED_MISSING "HDF5 (hdf5-serial or hdf5)")
endif()
