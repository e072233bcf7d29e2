// The platform's steps by suite and phase; private to platform*.cpp.
#pragma once
#include "protocols/rki/platform.hpp"

namespace tf::rki {

Result<SecretBytes> classic_dik2_in_vault(const ExpectProof& state, ByteView factor, PlatformPorts ports);
Result<Secret<32>> modern_dik2_in_vault(const ExpectProof& state, ByteView factor, PlatformPorts ports);
Status check_factor(ByteView factor);
// AT ‖ TK1, fresh (S308)
SecretBytes fresh_token(Random& random, std::size_t tk_size);

// For the server hello: where the device asks for it and there is one.
std::optional<Bytes> staple_for(const Hello& hello, const WorkCertificate& work);
Result<PlatformStep> classic_hello(const Hello& hello, std::string_view body, const WorkCertificate& work, const Snapshot& snapshot,
                                   PlatformPorts ports);
Result<PlatformStep> modern_hello(const Hello& hello, std::string_view body, const WorkCertificate& work, const Snapshot& snapshot,
                                   PlatformPorts ports);
Result<PlatformStep> classic_proof(const ExpectProof& state, std::string_view body, PlatformPorts ports);
Result<PlatformStep> modern_proof(const ExpectProof& state, std::string_view body, PlatformPorts ports);
// S316–S318: TK, once AT and the hash of TK are right; transcript is extended by the body.
Result<SecretBytes> classic_tk(const ExpectToken& state, std::string_view body, PlatformPorts ports);
Result<SecretBytes> modern_tk_from(const ExpectToken& state, std::string_view body, const Hash256& with_body);
// S319
Result<PlatformStep> deliver(const ExpectToken& state, SecretBytes tk, Transcript transcript, const Snapshot& snapshot,
                             PlatformPorts ports);
Result<PlatformStep> on_receipt(const ExpectReceipt& state, std::string_view body);

}  // namespace tf::rki
