# Files that become part of a target's read-only data, so that the program needs nothing beside it.
#
#   etalon_embed(<target> <name> FILES <file>...)
#
# gives the target a function `std::string_view etalon::assets::<name>()`, declared by whoever uses
# it: the contents of the files, one after the other. A file that changes is embedded anew.
function(etalon_embed target name)
  cmake_parse_arguments(EMBED "" "" "FILES" ${ARGN})
  set(incbin "")
  foreach(file IN LISTS EMBED_FILES)
    get_filename_component(path ${file} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    if(NOT EXISTS ${path})
      message(FATAL_ERROR "${file} is missing, and the report embeds it; run `make web` first")
    endif()
    string(APPEND incbin ".incbin \"${path}\"\n")
    list(APPEND paths ${path})
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}.cpp)
  set(EMBED_NAME ${name})
  set(EMBED_INCBIN "${incbin}")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded.cpp.in ${source} @ONLY)
  # In a unity build its dependencies would be nobody's.
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${paths}"
                                                   SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE ${source})
endfunction()
