# The program and the rooms that only it needs; see CMakeLists.txt for how rooms are listed.
etalon_room(runs ROOMS core recipe optimum surface law store LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(program ROOMS core runs LIBRARIES fmt::fmt HEADERS nlohmann_json::nlohmann_json)
etalon_room(data ROOMS core LIBRARIES ZLIB::ZLIB fmt::fmt)
etalon_room(nn ROOMS core PUBLIC_LIBRARIES oneDNN::dnnl LIBRARIES fmt::fmt)
etalon_room(optim ROOMS core recipe nn LIBRARIES fmt::fmt)
# Vector square roots, sums whose order the code leaves open, and a·b + c in one instruction.
target_compile_options(etalon_optim PRIVATE -fno-math-errno -fopenmp-simd -ffp-contract=fast)
etalon_room(train ROOMS scaling schedule data nn optim LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json Boost::headers)

# Every way to show an answer: what they share, then a room for each command. That of a study is a
# component of the library too.
etalon_room(report ROOMS core LIBRARIES fmt::fmt HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/study PUBLIC ROOMS core report study LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/campaign ROOMS core report report_study campaign LIBRARIES fmt::fmt)
etalon_room(report/program ROOMS core report program LIBRARIES fmt::fmt)
etalon_room(report/ask ROOMS core report ask LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/scale ROOMS report scaling LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/fit ROOMS report runs LIBRARIES fmt::fmt HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/train ROOMS core report train LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
include(web/assets.cmake)

file(GLOB cli_sources CONFIGURE_DEPENDS src/cli/*.cpp)
add_executable(etalon ${cli_sources})
target_include_directories(etalon PRIVATE src)
target_link_libraries(
  etalon
  PRIVATE etalon_compile_options
          etalon::train
          etalon::program
          etalon::campaign
          etalon::report_campaign
          etalon::report_program
          etalon::report_ask
          etalon::report_study
          etalon::report_scale
          etalon::report_fit
          etalon::report_train
          etalon::ask
          CLI11::CLI11
          fmt::fmt
          tomlplusplus::tomlplusplus
          nlohmann_json::nlohmann_json)
set_target_properties(etalon PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
install(TARGETS etalon RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
