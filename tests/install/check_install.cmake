# Installs the build in BUILD_DIR into a fresh prefix and, for each of COMPONENTS, builds the program
# of consumer/ that uses it against that prefix alone, with the packages that it must not need out of
# sight, and runs it.
#   cmake -D BUILD_DIR=... -D WORK_DIR=... -D COMPONENTS="scaling law"
#         [-D CXX_COMPILER=... -D CXX_FLAGS=...] -P check_install.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Only what is linked into a program has to be there.
set(never_needed CLI11 tomlplusplus nlohmann_json Boost Eigen3)
set(hidden_from_all oneDNN)
set(hidden_from_study oneDNN ZLIB)
set(hidden_from_estimates oneDNN ZLIB SQLiteCpp)

function(hidden_packages component result)
  if(component MATCHES "^(scaling|schedule|law)$")
    set(hidden ${hidden_from_estimates})
  elseif(component STREQUAL "all")
    set(hidden ${hidden_from_all})
  else()
    set(hidden ${hidden_from_study})
  endif()
  list(APPEND hidden ${never_needed})
  list(TRANSFORM hidden REPLACE "(.+)" "-DCMAKE_DISABLE_FIND_PACKAGE_\\1=ON")
  set(${result} ${hidden} PARENT_SCOPE)
endfunction()

set(compiler "")
if(CXX_COMPILER)
  set(compiler -D CMAKE_CXX_COMPILER=${CXX_COMPILER} -D CMAKE_CXX_FLAGS=${CXX_FLAGS})
endif()

file(REMOVE_RECURSE ${WORK_DIR})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/prefix)
separate_arguments(components UNIX_COMMAND "${COMPONENTS}")
foreach(component IN LISTS components)
  hidden_packages(${component} hidden)
  set(build ${WORK_DIR}/${component})
  run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${build} -G Ninja
      -D COMPONENT=${component} -D CMAKE_PREFIX_PATH=${WORK_DIR}/prefix
      -D ETALON_INCLUDE_DIR=${WORK_DIR}/prefix/include ${compiler} ${hidden})
  run(${CMAKE_COMMAND} --build ${build})
  run(${CMAKE_COMMAND} -E env "PATH=${WORK_DIR}/prefix/bin:$ENV{PATH}"
      ${CMAKE_COMMAND} -E chdir ${build} ./consumer)
endforeach()
if(EXISTS ${WORK_DIR}/prefix/bin/etalon)
  run(${WORK_DIR}/prefix/bin/etalon --version)
endif()
file(REMOVE_RECURSE ${WORK_DIR})
