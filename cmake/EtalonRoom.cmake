# A room is one folder of src/: a static library etalon_<name> (alias etalon::<name>) made of every
# .cpp file in it, which may use only the rooms and libraries it names here. Its tests are every
# *_test.cpp of tests/<name>/, in one program <name>_test. A room may lie inside another's folder
# (report/fit is etalon_report_fit).
#
#   etalon_room(<name> [PUBLIC] [API <header>...] [ROOMS <room>...] [PUBLIC_LIBRARIES <target>...]
#               [LIBRARIES <target>...] [HEADERS <target>...])
#
# API are the headers of include/etalon/ that are the room's, without .hpp. What a room includes is
# its own or of a room that it names: a test sees to it (tests/house/check_rooms.cmake), since a
# header of types alone would link from anywhere.
#
# PUBLIC_LIBRARIES appear in the room's headers, LIBRARIES only in its sources; HEADERS are
# libraries made of headers that appear only in its sources, so that nobody else needs them. A
# PUBLIC room is a component of find_package(etalon), installed with all rooms that it uses.
#
# The sources of a room are compiled together (a unity build), so what they keep to themselves needs
# a name that is its own within the room.
include(GNUInstallDirs)

function(etalon_room name)
  cmake_parse_arguments(ROOM "PUBLIC" "" "API;ROOMS;PUBLIC_LIBRARIES;LIBRARIES;HEADERS" ${ARGN})
  string(REPLACE "/" "_" target ${name})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  add_library(etalon_${target} STATIC ${sources})
  add_library(etalon::${target} ALIAS etalon_${target})
  set_target_properties(etalon_${target} PROPERTIES EXPORT_NAME ${target}
                                                    POSITION_INDEPENDENT_CODE ON)
  target_compile_features(etalon_${target} PUBLIC cxx_std_20)
  target_include_directories(
    etalon_${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(
    etalon_${target}
    PUBLIC ${ROOM_PUBLIC_LIBRARIES}
    PRIVATE $<BUILD_INTERFACE:etalon_compile_options> ${ROOM_LIBRARIES})
  foreach(headers IN LISTS ROOM_HEADERS)
    target_link_libraries(etalon_${target} PRIVATE $<BUILD_INTERFACE:${headers}>)
  endforeach()
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(etalon_${target} PUBLIC etalon::${room})
  endforeach()
  set_property(GLOBAL APPEND_STRING PROPERTY ETALON_HOUSE
                      "list(APPEND rooms ${name})\nset(api_of_${name} ${ROOM_API})\n\
set(rooms_of_${name} ${ROOM_ROOMS})\n")
  etalon_note_packages(${target} ROOMS ${ROOM_ROOMS} LIBRARIES ${ROOM_PUBLIC_LIBRARIES}
                       ${ROOM_LIBRARIES})
  if(ROOM_PUBLIC)
    set_property(GLOBAL APPEND PROPERTY ETALON_COMPONENTS ${target})
  endif()
  if(ETALON_TESTS)
    etalon_room_tests(${name} ${target})
  endif()
endfunction()

# Keeps for each room, as global properties, the packages that whoever links it must find and the
# rooms that it stands on, both with those of the rooms below.
function(etalon_note_packages target)
  cmake_parse_arguments(NOTE "" "" "ROOMS;LIBRARIES" ${ARGN})
  set(rooms ${target})
  string(REGEX REPLACE "::[^;]*" "" packages "${NOTE_LIBRARIES}")
  foreach(room IN LISTS NOTE_ROOMS)
    get_property(below GLOBAL PROPERTY ETALON_ROOMS_${room})
    list(APPEND rooms ${below})
    get_property(below GLOBAL PROPERTY ETALON_PACKAGES_${room})
    list(APPEND packages ${below})
  endforeach()
  list(REMOVE_DUPLICATES rooms)
  list(REMOVE_DUPLICATES packages)
  set_property(GLOBAL PROPERTY ETALON_ROOMS_${target} ${rooms})
  set_property(GLOBAL PROPERTY ETALON_PACKAGES_${target} ${packages})
endfunction()

function(etalon_room_tests name target)
  file(GLOB tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${name}/*_test.cpp)
  if(NOT tests)
    return()
  endif()
  add_executable(${target}_test ${tests})
  target_include_directories(${target}_test PRIVATE ${PROJECT_SOURCE_DIR}/src
                                                    ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target}_test PRIVATE etalon::${target} etalon_compile_options
                                               etalon_test_support GTest::gmock GTest::gtest_main)
  # Every test file stands alone: helpers of the same name do not meet.
  set_target_properties(${target}_test PROPERTIES UNITY_BUILD OFF)
  target_precompile_headers(${target}_test REUSE_FROM etalon_test_headers)
  gtest_discover_tests(${target}_test TEST_PREFIX ${target}. DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300)
endfunction()
