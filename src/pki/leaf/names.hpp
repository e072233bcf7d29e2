// Names as certificates write them; private to pki.
#pragma once
#include "pki/build.hpp"
#include "pki/extensions.hpp"
#include "pki/leaf/leaf.hpp"

namespace tf::pki {

// Required and allowed by the profile, none twice. Code::refused "pki.names".
Status check_names(const Names& names, const Profile& profile);
// May be empty. Code::invalid "pki.names".
Result<NameHandle> subject_of(const Names& names);
Status add_alternative_names(ExtensionTarget to, const Names& names, bool critical);  // nothing for none

}  // namespace tf::pki
