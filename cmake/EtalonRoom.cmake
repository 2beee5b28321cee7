# A room is one folder of src/: a static library etalon_<name> (alias etalon::<name>) made of every
# .cpp file in it and its subfolders, which may use only the rooms and libraries it names here. Its
# tests are every *_test.cpp below tests/<name>/, in one program <name>_test.
#
# The sources of a room are compiled together (a unity build), so what they keep to themselves needs
# a name that is its own within the room.
#
#   etalon_room(<name> [ROOMS <room>...] [PUBLIC_LIBRARIES <target>...] [LIBRARIES <target>...])
#
# PUBLIC_LIBRARIES appear in the room's headers, LIBRARIES only in its sources.
include(GNUInstallDirs)

function(etalon_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;PUBLIC_LIBRARIES;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    add_library(etalon_${name} INTERFACE)
    add_library(etalon::${name} ALIAS etalon_${name})
    set_target_properties(etalon_${name} PROPERTIES EXPORT_NAME ${name})
    install(TARGETS etalon_${name} EXPORT etalon-targets)
    return()
  endif()
  add_library(etalon_${name} STATIC ${sources})
  add_library(etalon::${name} ALIAS etalon_${name})
  set_target_properties(etalon_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(etalon_${name} PUBLIC cxx_std_20)
  target_include_directories(
    etalon_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(etalon_${name} PRIVATE $<BUILD_INTERFACE:etalon_compile_options> ${ROOM_LIBRARIES})
  target_link_libraries(etalon_${name} PUBLIC ${ROOM_PUBLIC_LIBRARIES})
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(etalon_${name} PUBLIC etalon::${room})
  endforeach()
  install(TARGETS etalon_${name} EXPORT etalon-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  if(ETALON_TESTS)
    etalon_room_tests(${name})
  endif()
endfunction()

function(etalon_room_tests name)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${name}/*_test.cpp)
  if(NOT tests)
    return()
  endif()
  add_executable(${name}_test ${tests})
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/src
                                                  ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name}_test PRIVATE etalon::${name} etalon_compile_options
                                             etalon_test_support GTest::gmock GTest::gtest_main)
  # Every test file stands alone: helpers of the same name do not meet.
  set_target_properties(${name}_test PROPERTIES UNITY_BUILD OFF)
  target_precompile_headers(${name}_test REUSE_FROM etalon_test_headers)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300)
endfunction()
