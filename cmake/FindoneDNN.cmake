# Finds oneDNN's header and library: target oneDNN::dnnl. (Debian's own dnnl-config.cmake asks for
# the OpenCL development files, which a CPU program does not need.) The OpenMP runtime that oneDNN
# runs on comes with it, since its thread count must be set; which compiler builds us is no matter.
find_path(oneDNN_INCLUDE_DIR oneapi/dnnl/dnnl.hpp)
find_library(oneDNN_LIBRARY dnnl)
find_library(oneDNN_OPENMP_LIBRARY NAMES libgomp.so.1)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(oneDNN REQUIRED_VARS oneDNN_LIBRARY oneDNN_OPENMP_LIBRARY
                                                       oneDNN_INCLUDE_DIR)
if(oneDNN_FOUND AND NOT TARGET oneDNN::dnnl)
  add_library(oneDNN::dnnl SHARED IMPORTED)
  set_target_properties(
    oneDNN::dnnl
    PROPERTIES IMPORTED_LOCATION "${oneDNN_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES "${oneDNN_INCLUDE_DIR}"
               INTERFACE_LINK_LIBRARIES "${oneDNN_OPENMP_LIBRARY}")
endif()
mark_as_advanced(oneDNN_INCLUDE_DIR oneDNN_LIBRARY oneDNN_OPENMP_LIBRARY)
