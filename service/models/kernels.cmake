# The computing kernels of llama.cpp alone, for the processors in VARIANTS (llama.cpp's own names), one library each.
# What else they call of ggml is in the engine that loads them, so they are not linked to a copy of it; -Bsymbolic keeps
# their calls among themselves from ending in the engine's own kernels, which have the same names.
cmake_minimum_required(VERSION 3.14)
project(kernels C CXX)
add_subdirectory(ggml)
foreach(name IN LISTS VARIANTS)
    get_target_property(libraries ggml-cpu-${name} LINK_LIBRARIES)
    list(REMOVE_ITEM libraries ggml-base)
    set_target_properties(ggml-cpu-${name} PROPERTIES LINK_LIBRARIES "${libraries}")
    target_include_directories(ggml-cpu-${name} PRIVATE ggml/include ggml/src)
    target_link_options(ggml-cpu-${name} PRIVATE -Wl,-Bsymbolic)
    list(APPEND wanted ggml-cpu-${name})
endforeach()
add_custom_target(kernels DEPENDS ${wanted})
