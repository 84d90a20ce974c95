# wordline_build_id(target): defines wordline::core::version() and git_id(), which every result file carries. The commit
# is read at every build, because a stale one would send a reader to the wrong sources.
set(WORDLINE_BUILD_ID_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/write_build_id.cmake")

function(wordline_build_id target)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/build_id.cpp")
  add_custom_target(${target}_build_id
    COMMAND "${CMAKE_COMMAND}" "-DVERSION=${PROJECT_VERSION}" "-DROOT=${PROJECT_SOURCE_DIR}" "-DOUT=${source}"
            -P "${WORDLINE_BUILD_ID_SCRIPT}"
    BYPRODUCTS "${source}"
    VERBATIM)
  target_sources(${target} PRIVATE "${source}")
  add_dependencies(${target} ${target}_build_id)
endfunction()
