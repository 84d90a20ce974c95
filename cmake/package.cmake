# What `cmake --install` puts into a prefix: find_package(wordline) works from there. The headers get a folder of their
# own, because names like core/ are too common for the top of an include directory.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package "${CMAKE_INSTALL_LIBDIR}/cmake/wordline")

# Before 1.0 a new minor version may break its users.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/wordlineConfigVersion.cmake" COMPATIBILITY SameMinorVersion)

get_property(rooms GLOBAL PROPERTY WORDLINE_ROOMS)
install(TARGETS wordline ${rooms} EXPORT wordline
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT cpp
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/wordline" COMPONENT cpp)
install(EXPORT wordline NAMESPACE wordline:: FILE wordlineTargets.cmake DESTINATION "${package}" COMPONENT cpp)
install(FILES cmake/wordlineConfig.cmake cmake/linked.cmake "${PROJECT_BINARY_DIR}/wordlineConfigVersion.cmake"
  DESTINATION "${package}" COMPONENT cpp)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT cpp)
