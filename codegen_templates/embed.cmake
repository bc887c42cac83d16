# SPDX-License-Identifier: Apache-2.0
# Writes a C++ source that holds every template, so that the library needs no files at run time.
function(mlgenn_embed_templates target)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_cuda_templates.cpp)
    file(GLOB templates CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/codegen_templates/cuda/*.cu
         ${PROJECT_SOURCE_DIR}/codegen_templates/cuda/device.cuh)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${templates})
    set(entries "")
    foreach(template IN LISTS templates)
        get_filename_component(name ${template} NAME)
        file(READ ${template} text)
        string(APPEND entries "    {\"${name}\",\n     R\"mlgenn(${text})mlgenn\"},\n")
    endforeach()
    file(CONFIGURE OUTPUT ${output} @ONLY CONTENT "// SPDX-License-Identifier: Apache-2.0
// Written by codegen_templates/embed.cmake.
#include \"compiler/backends/cuda/embedded_templates.h\"

namespace mlgenn::cuda {
namespace {
constexpr EmbeddedTemplate all_templates[] = {
@entries@};
}  // namespace

std::span<const EmbeddedTemplate> embedded_templates() {
    return all_templates;
}

}  // namespace mlgenn::cuda
")
    target_sources(${target} PRIVATE ${output})
endfunction()
