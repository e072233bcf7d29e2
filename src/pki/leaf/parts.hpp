// What both ways of making a leaf have in common (leaf.cpp, leaf_form.cpp); private to pki.
#pragma once
#include "pki/leaf/leaf.hpp"

namespace tf::pki {

Status check_key(const LeafPlan& plan);
Status set_validity(const LeafPlan& plan, UnsignedLeaf& leaf);
// RFC 7093 §2, method 1: of the SHA-256 of the key's octets, which are the end of its SubjectPublicKeyInfo.
Bytes key_id_of(ByteView spki);

}  // namespace tf::pki
