# The program and the rooms that only it needs; see CMakeLists.txt for how rooms are listed.
etalon_room(metrics ROOMS core LIBRARIES fmt::fmt RE2::re2)
etalon_room(runs ROOMS core metrics recipe noise optimum surface plan law store LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json Eigen3::Eigen)
etalon_room(program PUBLIC API program ROOMS core study store metrics runs LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(slurm PUBLIC API slurm ROOMS core study program LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(imports ROOMS core metrics store runs
            LIBRARIES SQLiteCpp yaml-cpp ZLIB::ZLIB fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(data ROOMS core LIBRARIES ZLIB::ZLIB libzip::zip fmt::fmt)
etalon_room(toml ROOMS core PUBLIC_LIBRARIES tomlplusplus::tomlplusplus LIBRARIES fmt::fmt)
etalon_room(model ROOMS core toml LIBRARIES fmt::fmt)
etalon_room(nn ROOMS core model PUBLIC_LIBRARIES oneDNN::dnnl LIBRARIES fmt::fmt)
etalon_room(optim ROOMS core recipe model nn LIBRARIES fmt::fmt)
# Vector square roots, sums whose order the code leaves open, and a·b + c in one instruction.
target_compile_options(etalon_optim PRIVATE -fno-math-errno -fopenmp-simd -ffp-contract=fast)
etalon_room(range ROOMS core LIBRARIES fmt::fmt HEADERS Boost::headers)
etalon_room(train ROOMS core noise range scaling schedule data model nn optim LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json Boost::headers Eigen3::Eigen)

# Every way to show an answer: what they share, then a room for each command. That of a study is a
# component of the library too.
etalon_room(report ROOMS core optimum surface LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/study PUBLIC API report ROOMS core noise quadratic law report store study target LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/campaign ROOMS core report report_study campaign LIBRARIES fmt::fmt)
etalon_room(report/program ROOMS core report program LIBRARIES fmt::fmt)
etalon_room(report/ask ROOMS core optimum report ask LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/scale ROOMS core schedule scaling atlas report LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/fit ROOMS core runs report LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/noise ROOMS core noise runs report optim train LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json Boost::headers)
etalon_room(report/range ROOMS core range report optim LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/train ROOMS core report train LIBRARIES fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
etalon_room(report/bench ROOMS core model nn optim train LIBRARIES fmt::fmt HEADERS nlohmann_json::nlohmann_json)
etalon_room(watch ROOMS core plan store study program report report_study LIBRARIES cpp-httplib::cpp-httplib fmt::fmt
            HEADERS nlohmann_json::nlohmann_json)
include(web/assets.cmake)

etalon_room(cli ROOMS core recipe quadratic schedule scaling atlas noise surface plan store ask study target runs imports program
            slurm campaign range toml model nn data optim train report report_ask report_bench report_campaign report_fit
            report_noise report_program report_range report_scale report_study report_train watch LIBRARIES fmt::fmt
            HEADERS CLI11::CLI11 nlohmann_json::nlohmann_json)
add_executable(etalon src/main.cpp)
target_include_directories(etalon PRIVATE src)
target_link_libraries(etalon PRIVATE etalon_compile_options etalon::cli CLI11::CLI11 fmt::fmt)
set_target_properties(etalon PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
install(TARGETS etalon RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
