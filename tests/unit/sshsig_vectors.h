// Keys and signatures made by OpenSSH 9.2 (`ssh-keygen -Y sign -n prodaccess-approval@v1`) over
// kVectorMessage; the private halves were thrown away.
#pragma once

#include <string>

namespace prodaccess {

inline const std::string kVectorMessage = "{\"message\":\"for the test\"}\n";

inline const std::string kEd25519Key =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIC7WyudK4Na0TdAMdK5hzgcvRpA6vUXtLoMo/kfZD51o";
inline const std::string kRsaKey =
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQCaRKAj+J4XIIP0mvDIMClMC6rp7hhdJabdZ0nKKgHXrZ4A3hhhkxtgoYHE"
    "YbsGXzaIMNtBwxoOoeA+8YIJVFbBFtpcPBdPt1hPhRsZpEh4b/PYomd06jGm806wKBZi2R/UTZokoP9cFEpuF10L"
    "Dxxba9Ga9mRYR3rV9gUMwpHDMOQRGnDrmQhLcpqVC2e8KS6q1Gt4giu1Ex06rOsRgcBzj9nWqdPicXavtQGNwPkT"
    "fsPfoCjY8vR9g2He7EWaJ8cmDrSjEKu8z4NsWeTZ3GD7wCQS3iH7huHJpmbcBILfNnTK/4msCn2WbWghkK5XPT8W"
    "+Z0/9pVYa/AD/CyZOoED";
inline const std::string kP256Key =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIsYCfvO/hbNZzY4/z5Mr+fUbQ3pz1SVtbWI"
    "sPeGh2xu9JsK+e6HVgrksoKrmqSMKREqHbw7c+kl91MMLN1qYQY=";
inline const std::string kP384Key =
    "ecdsa-sha2-nistp384 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBJIAxpRU/2LZ041+vmO1UkKOnIswSiWf9KC8"
    "DYMS4To1FAgsJtyf2Ah4zAZttDPcB3Ord559YNE6NoonlpkrtEVjOSp3kx4cefZ+PUCUD/zHw3JtbWWVCrcwmauK"
    "49USjw==";
inline const std::string kP521Key =
    "ecdsa-sha2-nistp521 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBACW4q2dy1q48P/W3Fp/3fMPE+FCXtYDnOGc"
    "+waNssp+koN2EBt93Ou38xCwhaqf7IHlmemIyhCjqoCFBkrDn2RBTgFLYRho90XkVx7MpWqCaOSgiORVgdpa2Krl"
    "tTR0oyduwq5dcUrgrsvAfXSoHrF7S/sKIvowa4DTuw8BawRR28/kpw==";
inline const std::string kRsa1024Key =
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDoGOz//4id20Fb2+LKZyH3PmzSWYjJ7l96ZkEF7Pjftk/m+KQMjKmofLpG"
    "0UGyho3XlcER7I/P43hN1fpESBItn2yKonfoAJRADJY6vGkX4R6Mpccfj5p5poxQPm24QG8HHqNOv+e23jYP3GFP"
    "vwf3IRAwVAGRLLaSkf4jfvkyhQ==";
inline const std::string kCaKey =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIO/vfhdvr+0yvr296T1u6qps9inSO0uOe0h84o1/FyFU";
inline const std::string kEd25519Signature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgLtbK50rg1rRN0Ax0rmHOBy9GkD\n"
    "q9Re0ugyj+R9kPnWgAAAAWcHJvZGFjY2Vzcy1hcHByb3ZhbEB2MQAAAAAAAAAGc2hhNTEy\n"
    "AAAAUwAAAAtzc2gtZWQyNTUxOQAAAEDgqSzYOfKfKciXIC6an7hWy5wyNKJHMRlnB8z2E/\n"
    "mv8/ogsAehvDjETjbsjQZzgy9MfHs4vab4YlBUTHifRqAB\n"
    "-----END SSH SIGNATURE-----\n";
inline const std::string kRsaSignature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAJpEoCP4nhcgg/Sa8MgwKU\n"
    "wLqunuGF0lpt1nScoqAdetngDeGGGTG2ChgcRhuwZfNogw20HDGg6h4D7xgglUVsEW2lw8\n"
    "F0+3WE+FGxmkSHhv89iiZ3TqMabzTrAoFmLZH9RNmiSg/1wUSm4XXQsPHFtr0Zr2ZFhHet\n"
    "X2BQzCkcMw5BEacOuZCEtympULZ7wpLqrUa3iCK7UTHTqs6xGBwHOP2dap0+Jxdq+1AY3A\n"
    "+RN+w9+gKNjy9H2DYd7sRZonxyYOtKMQq7zPg2xZ5NncYPvAJBLeIfuG4cmmZtwEgt82dM\n"
    "r/iawKfZZtaCGQrlc9Pxb5nT/2lVhr8AP8LJk6gQMAAAAWcHJvZGFjY2Vzcy1hcHByb3Zh\n"
    "bEB2MQAAAAAAAAAGc2hhNTEyAAABFAAAAAxyc2Etc2hhMi01MTIAAAEAe/kmNo8p/y7B+m\n"
    "kYnCGKNscgHeh3I/S7hcEKFpxk74KgB2Jc3SjVhR4w1ZtlPLcbwIff3k9/8pDFQR43B7F9\n"
    "3jvapWpJNIOfGTQMSDWqLqJo6z1J8MRvo90KtYTDyzSrDsPWA4XiKByNT/xy1Htlb3De1r\n"
    "xyXfXSE/HJZw6AG3jIvEAoksSC2y2eHWHT/FHoAx0GE4ekFjjLvMpBokLVMRASqI+oIVrQ\n"
    "P+TUUqOcv6d7IA0Oa/IsHG7tGOCdfVGcDhvgK/V1R1xc8+SxFve88zly4CzOtEb8Awupo8\n"
    "zQ994Le3IlDCLibwhxHFewbqSSCMjMT99SDJxirMp0WWk8dQ==\n"
    "-----END SSH SIGNATURE-----\n";
inline const std::string kP256Signature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\n"
    "EEixgJ+87+Fs1nNjj/Pkyv59RtDenPVJW1tYiw94aHbG70mwr57odWCuSygquapIwpESod\n"
    "vDtz6SX3Uwws3WphBgAAABZwcm9kYWNjZXNzLWFwcHJvdmFsQHYxAAAAAAAAAAZzaGE1MT\n"
    "IAAABkAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAABJAAAAIDkUjVZRMqioO/OG22fOjYec\n"
    "+vdKRZzjv7s959a2QTrNAAAAIQCLxHO5yQoEfPDeAS32h9UMayVgakQOUjC4vcdGwKBmVQ\n"
    "==\n"
    "-----END SSH SIGNATURE-----\n";
inline const std::string kP384Signature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG\n"
    "EEkgDGlFT/YtnTjX6+Y7VSQo6cizBKJZ/0oLwNgxLhOjUUCCwm3J/YCHjMBm20M9wHc6t3\n"
    "nn1g0To2iieWmSu0RWM5KneTHhx59n49QJQP/MfDcm1tZZUKtzCZq4rj1RKPAAAAFnByb2\n"
    "RhY2Nlc3MtYXBwcm92YWxAdjEAAAAAAAAABnNoYTUxMgAAAIQAAAATZWNkc2Etc2hhMi1u\n"
    "aXN0cDM4NAAAAGkAAAAwdqk7KAnLI5jpEYlHc4HZPDaT9mYu6w4eXGqmw1DPz+I4aMVukI\n"
    "KPt4TcJOH2AtnOAAAAMQCtsONxhwnrk5mpqSCyQqmRHHq6pTFVBPfJ89S6F5BVCCrUKnDF\n"
    "8DtWaHniURuCpDA=\n"
    "-----END SSH SIGNATURE-----\n";
inline const std::string kP521Signature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAI\n"
    "UEAJbirZ3LWrjw/9bcWn/d8w8T4UJe1gOc4Zz7Bo2yyn6Sg3YQG33c67fzELCFqp/sgeWZ\n"
    "6YjKEKOqgIUGSsOfZEFOAUthGGj3ReRXHsylaoJo5KCI5FWB2lrYquW1NHSjJ27Crl1xSu\n"
    "Cuy8B9dKgesXtL+woi+jBrgNO7DwFrBFHbz+SnAAAAFnByb2RhY2Nlc3MtYXBwcm92YWxA\n"
    "djEAAAAAAAAABnNoYTUxMgAAAKYAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAIsAAABCAa\n"
    "GBOYnzvjanDUf7oKDvyOjOi4uPsPWz3rEyGJXIdzixJFBpGU7Wokdawg1wo6aNYyF211Nt\n"
    "BdyhJVQyZZQ7SgQLAAAAQSKD9cNhhDOzUsvSD5/rf1Fd/17R7BEF2LCQLSI3QYnKcKcIyZ\n"
    "EKWiakruDZLmsY8ip2eyzyC2M/9Yx1k0/AwMxc\n"
    "-----END SSH SIGNATURE-----\n";
inline const std::string kRsa1024Signature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAJcAAAAHc3NoLXJzYQAAAAMBAAEAAACBAOgY7P//iJ3bQVvb4spnIf\n"
    "c+bNJZiMnuX3pmQQXs+N+2T+b4pAyMqah8ukbRQbKGjdeVwRHsj8/jeE3V+kRIEi2fbIqi\n"
    "d+gAlEAMljq8aRfhHoylxx+PmnmmjFA+bbhAbwceo06/57beNg/cYU+/B/chEDBUAZEstp\n"
    "KR/iN++TKFAAAAFnByb2RhY2Nlc3MtYXBwcm92YWxAdjEAAAAAAAAABnNoYTUxMgAAAJQA\n"
    "AAAMcnNhLXNoYTItNTEyAAAAgEumDjPV8lS54p7rEPmOdy0tdowaLzB0aH+SN6QMg4b4vp\n"
    "riWqh6kR72bHXaUCPrHW674C1ytG0DftLpQiRTBEg79kPMp4IR9u6wc5Uo4Ac55B3GsOQF\n"
    "4OihMo+pVoqzCcBiN8an/sBOIujwW3wS3drOoIJft9ork2mUXOGpiS3Q\n"
    "-----END SSH SIGNATURE-----\n";
inline const std::string kCertificateSignature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAcwAAAAgc3NoLWVkMjU1MTktY2VydC12MDFAb3BlbnNzaC5jb20AAA\n"
    "Ag/uIfQh2oH0QFcGH8Ew+wds1RuiWxJpe5uFXPyUAxrWcAAAAgLtbK50rg1rRN0Ax0rmHO\n"
    "By9GkDq9Re0ugyj+R9kPnWgAAAAAAAAAAAAAAAEAAAAGYW5hLWlkAAAAGgAAAA9hbmFAZX\n"
    "hhbXBsZS5jb20AAAADYW5hAAAAAGlVuQAAAAAAazbsgAAAAAAAAACCAAAAFXBlcm1pdC1Y\n"
    "MTEtZm9yd2FyZGluZwAAAAAAAAAXcGVybWl0LWFnZW50LWZvcndhcmRpbmcAAAAAAAAAFn\n"
    "Blcm1pdC1wb3J0LWZvcndhcmRpbmcAAAAAAAAACnBlcm1pdC1wdHkAAAAAAAAADnBlcm1p\n"
    "dC11c2VyLXJjAAAAAAAAAAAAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIO/vfhdvr+0yvr296T\n"
    "1u6qps9inSO0uOe0h84o1/FyFUAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEBghLSqnjDDh6Cz\n"
    "8ix+8sKKDHMqczbcObXKJUcmzbZOL97KstDQ3Xi598345/XijqzFfGVTOI2kjjCaCP/dqa\n"
    "4NAAAAFnByb2RhY2Nlc3MtYXBwcm92YWxAdjEAAAAAAAAABnNoYTUxMgAAAFMAAAALc3No\n"
    "LWVkMjU1MTkAAABA4Kks2DnynynIlyAump+4VsucMjSiRzEZZwfM9hP5r/P6ILAHobw4xE\n"
    "427I0Gc4MvTHx7OL2m+GJQVEx4n0agAQ==\n"
    "-----END SSH SIGNATURE-----\n";
inline const std::string kOtherNamespaceSignature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgLtbK50rg1rRN0Ax0rmHOBy9GkD\n"
    "q9Re0ugyj+R9kPnWgAAAAEZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx\n"
    "OQAAAEAxWJ/8IVv+jiAHacMvFy8/21VrpODO2ItuoLPRyBRySEMDTHpAKrYW5yYGNb/cw5\n"
    "C9cHVPCWbDWsDO3chBGXcK\n"
    "-----END SSH SIGNATURE-----\n";
inline const std::string kSha256Signature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgLtbK50rg1rRN0Ax0rmHOBy9GkD\n"
    "q9Re0ugyj+R9kPnWgAAAAWcHJvZGFjY2Vzcy1hcHByb3ZhbEB2MQAAAAAAAAAGc2hhMjU2\n"
    "AAAAUwAAAAtzc2gtZWQyNTUxOQAAAEAcicE4BgZP9R4kxxVW0ce3KLEtyRPSoOChVukuY2\n"
    "L8od7Ow8v0cGNSI1hfHv+HQ4GNi3Ow6scGmyUnS0JTRGwB\n"
    "-----END SSH SIGNATURE-----\n";

}  // namespace prodaccess
