// Namespaces and element names that both directions of the codec use.
#pragma once
#include <array>
#include <string_view>
#include <utility>

#include "dm/messages.hpp"

namespace tf::dm {

inline constexpr std::string_view kSyncMl = "SYNCML:SYNCML1.2";
inline constexpr std::string_view kMetInf = "syncml:metinf";
inline constexpr std::string_view kVerDtd = "1.2";
inline constexpr std::string_view kVerProto = "DM/1.2";

inline constexpr std::array<std::pair<Verb, std::string_view>, 5> kVerbs{{{Verb::add, "Add"}, {Verb::replace, "Replace"}, {Verb::get, "Get"},
                                                                          {Verb::exec, "Exec"}, {Verb::remove, "Delete"}}};

}  // namespace tf::dm
