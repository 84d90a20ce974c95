# wordline_room(name [LINKS ...] [USES ...] [COMPILES ...] [INTERNAL ...]): the static library of one room,
# wordline_<name>, alias wordline::<name>.
#
#   LINKS     rooms, and libraries that public headers include
#   USES      libraries that only sources include
#   COMPILES  the same, headers only: nothing is left of them once the room is compiled
#   INTERNAL  headers that are not installed
#
# Sources are globbed on purpose: a model is one new file in its room, and a build list would be one more place to touch.
# CONFIGURE_DEPENDS makes every build look again.
function(wordline_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "LINKS;USES;COMPILES;INTERNAL")
  file(GLOB sources CONFIGURE_DEPENDS *.cpp */*.cpp)
  file(GLOB headers CONFIGURE_DEPENDS *.hpp)
  foreach(header IN LISTS room_INTERNAL)
    list(REMOVE_ITEM headers "${CMAKE_CURRENT_SOURCE_DIR}/${header}")
  endforeach()
  add_library(wordline_${name} STATIC ${sources})
  add_library(wordline::${name} ALIAS wordline_${name})
  target_compile_features(wordline_${name} PUBLIC cxx_std_20)
  target_sources(wordline_${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${headers})
  set(local wordline_flags wordline_warnings ${room_COMPILES})
  list(TRANSFORM local REPLACE "(.+)" "$<BUILD_INTERFACE:\\1>")
  target_link_libraries(wordline_${name} PUBLIC ${room_LINKS} PRIVATE ${room_USES} ${local})
  set_property(TARGET wordline_${name} PROPERTY EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY WORDLINE_ROOMS wordline_${name})
endfunction()
