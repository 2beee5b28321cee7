# The library as other people's programs find it: find_package(etalon COMPONENTS <room>...) gives
# etalon::<room> for each PUBLIC room, and etalon::etalon for all of them together.
#
# Only rooms that a public one stands on are installed, and a program has to have only the packages
# of the components it asks for.
include(CMakePackageConfigHelpers)

get_property(components GLOBAL PROPERTY ETALON_COMPONENTS)
set(installed "")
set(ETALON_COMPONENT_PACKAGES "")
foreach(component IN LISTS components)
  get_property(rooms GLOBAL PROPERTY ETALON_ROOMS_${component})
  get_property(packages GLOBAL PROPERTY ETALON_PACKAGES_${component})
  list(APPEND installed ${rooms})
  string(APPEND ETALON_COMPONENT_PACKAGES "set(_etalon_packages_${component} ${packages})\n")
endforeach()
list(REMOVE_DUPLICATES installed)
list(TRANSFORM installed PREPEND etalon_)
list(JOIN components " " ETALON_COMPONENT_NAMES)

add_library(etalon_library INTERFACE)
add_library(etalon::etalon ALIAS etalon_library)
set_target_properties(etalon_library PROPERTIES EXPORT_NAME etalon)
list(TRANSFORM components PREPEND etalon:: OUTPUT_VARIABLE component_targets)
target_link_libraries(etalon_library INTERFACE ${component_targets})

set(ETALON_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/etalon)
install(TARGETS ${installed} etalon_library EXPORT etalon-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT etalon-targets FILE etalonTargets.cmake NAMESPACE etalon::
        DESTINATION ${ETALON_CMAKE_DIR})
if(NOT ETALON_PROGRAM)
  set(without_program REGEX "/(report|program|slurm)\\.hpp$" EXCLUDE)
endif()
install(DIRECTORY include/etalon DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${without_program})
configure_package_config_file(cmake/etalonConfig.cmake.in etalonConfig.cmake
                              INSTALL_DESTINATION ${ETALON_CMAKE_DIR})
write_basic_package_version_file(etalonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/etalonConfig.cmake
              ${PROJECT_BINARY_DIR}/etalonConfigVersion.cmake cmake/FindRE2.cmake
        DESTINATION ${ETALON_CMAKE_DIR})
