# What single test programs need besides their rooms, the examples, and the install.
foreach(room optimum ask study target)
  target_link_libraries(${room}_test PRIVATE etalon::quadratic)  # which their estimates are held to
endforeach()
target_link_libraries(surface_test PRIVATE Eigen3::Eigen)
target_link_libraries(atlas_test PRIVATE fmt::fmt)
target_link_libraries(model_test PRIVATE fmt::fmt)
target_link_libraries(train_test PRIVATE nlohmann_json::nlohmann_json Eigen3::Eigen)
target_compile_definitions(
  train_test
  PRIVATE ETALON_TEXT="${PROJECT_SOURCE_DIR}/docs/statistics.md"
          ETALON_TORCH_WITNESS="${PROJECT_SOURCE_DIR}/tests/train/torch_witness.py"
          ETALON_CURVATURE_WITNESS="${PROJECT_SOURCE_DIR}/tests/train/curvature_witness.py")
foreach(room law model nn)
  target_compile_definitions(${room}_test PRIVATE ETALON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endforeach()
foreach(room program slurm)
  target_compile_definitions(${room}_test PRIVATE ETALON_PROGRAM="$<TARGET_FILE:etalon>")
  add_dependencies(${room}_test etalon)
endforeach()
target_compile_definitions(program_test PRIVATE ETALON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(program_test PRIVATE etalon::train)  # another writer of event files
foreach(room runs store ask study imports)
  target_link_libraries(${room}_test PRIVATE SQLiteCpp)
endforeach()
target_link_libraries(watch_test PRIVATE cpp-httplib::cpp-httplib nlohmann_json::nlohmann_json fmt::fmt)
target_link_libraries(imports_test PRIVATE nlohmann_json::nlohmann_json ZLIB::ZLIB fmt::fmt)
target_compile_definitions(imports_test PRIVATE ETALON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_compile_definitions(
  report_study_test PRIVATE ETALON_SUMMARY_DOCUMENT="${PROJECT_SOURCE_DIR}/docs/summary-json.md")
target_compile_definitions(runs_test
                           PRIVATE ETALON_RUN_CASES="${PROJECT_SOURCE_DIR}/tests/runs/cases")

# The tests of the commands run the program; a few take a part of it.
target_compile_definitions(cli_test PRIVATE ETALON_BINARY="$<TARGET_FILE:etalon>"
                                            ETALON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(cli_test PRIVATE nlohmann_json::nlohmann_json tomlplusplus::tomlplusplus
                                       CLI11::CLI11 fmt::fmt ZLIB::ZLIB)
add_dependencies(cli_test etalon)

add_subdirectory(examples)

get_property(house GLOBAL PROPERTY ETALON_HOUSE)
file(WRITE ${PROJECT_BINARY_DIR}/house.cmake "${house}")
add_test(NAME house.rooms_include_only_rooms_that_they_name
         COMMAND ${CMAKE_COMMAND} -D HOUSE=${PROJECT_BINARY_DIR}/house.cmake -P
                 ${PROJECT_SOURCE_DIR}/tests/house/check_rooms.cmake)

foreach(components "scaling;schedule;noise;law;atlas;quadratic" "store;ask;study;target;campaign;report_study" "program;slurm" all)
  list(JOIN components " " COMPONENTS)
  list(JOIN components "_" name)
  add_test(
    NAME install.programs_build_against_${name}
    COMMAND
      ${CMAKE_COMMAND} -D BUILD_DIR=${PROJECT_BINARY_DIR} -D
      WORK_DIR=${PROJECT_BINARY_DIR}/install-test/${name} "-DCOMPONENTS=${COMPONENTS}" -D
      CXX_COMPILER=${CMAKE_CXX_COMPILER} "-D CXX_FLAGS=${CMAKE_CXX_FLAGS}" -P
      ${PROJECT_SOURCE_DIR}/tests/install/check_install.cmake)
endforeach()
