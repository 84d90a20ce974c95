# wordline_embed(target room pattern): compiles the files that match `pattern` into `target` as
# wordline::<room>::presets::files(). The room's own header declares that function; only its body is generated.
set(WORDLINE_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/embed_files.cmake")

function(wordline_embed target room pattern)
  file(GLOB files CONFIGURE_DEPENDS "${pattern}")
  set(list "${CMAKE_CURRENT_BINARY_DIR}/${room}_presets.txt")
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${room}_presets.cpp")
  list(JOIN files "\n" lines)
  file(CONFIGURE OUTPUT "${list}" CONTENT "${lines}\n" @ONLY)  # rewritten only when a file came or went
  add_custom_command(
    OUTPUT "${source}"
    COMMAND "${CMAKE_COMMAND}" "-DROOM=${room}" "-DLIST=${list}" "-DOUT=${source}" -P "${WORDLINE_EMBED_SCRIPT}"
    DEPENDS ${files} "${list}" "${WORDLINE_EMBED_SCRIPT}"
    COMMENT "Embedding the presets of ${room}"
    VERBATIM)
  target_sources(${target} PRIVATE "${source}")
endfunction()
