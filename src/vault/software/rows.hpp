// Opening the rows that wrapped keys are; private to the software vault.
#pragma once
#include "vault/software/unsealed.hpp"
#include "vault/vault.hpp"

namespace tf::vault::software {

// Code::not_found "vault.no_such_kek", Code::integrity "vault.row".
Result<SecretBytes> open_row(const Unsealed& vault, const WrappedRef& key);
// Code::refused "vault.wrong_purpose".
Error wrong_purpose(const SymmetricSpec& spec);

}  // namespace tf::vault::software
