# find_package(wordline): targets wordline::wordline (everything) and one per room, wordline::core to wordline::mapper.
include(CMakeFindDependencyMacro)
find_dependency(Eigen3 3.4)
find_dependency(nlohmann_json)
find_dependency(OpenMP COMPONENTS CXX)
find_dependency(Threads)
find_dependency(PkgConfig)

include("${CMAKE_CURRENT_LIST_DIR}/linked.cmake")
if(WORDLINE_LINKED_MISSING)
  set(wordline_FOUND FALSE)
  set(wordline_NOT_FOUND_MESSAGE "wordline needs at link time: ${WORDLINE_LINKED_MISSING}")
  return()
endif()

include("${CMAKE_CURRENT_LIST_DIR}/wordlineTargets.cmake")
