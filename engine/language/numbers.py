"""How numbers are written: in a rule's text, in LaTeX and MathML, and as Python literals."""

from __future__ import annotations

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def text(value: float) -> str:
    """The shortest text that reads back as the same float: ``2``, ``0.3``, ``1e-05`` as ``1e-5``."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    written = repr(float(value)).replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return f"1e-{len(written) - 2}" if written in ("0.01", "0.001", "0.0001") else written


def latex(value: float) -> str:
    mantissa, _, exponent = text(value).partition("e")
    if not exponent:
        return mantissa
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def mathml(value: float) -> str:
    """The inside of an ``mn`` element; powers of ten use Unicode superscripts, which read well and need no nesting."""
    mantissa, _, exponent = text(value).partition("e")
    mantissa = mantissa.replace("-", "−")
    if not exponent:
        return mantissa
    power = power_of_ten(int(exponent))
    return power if mantissa == "1" else f"{mantissa}·{power}"


def power_of_ten(exponent: int) -> str:
    """``10⁻³``, in Unicode superscripts."""
    return "10" + str(exponent).translate(_RAISED)


def python(value: float) -> str:
    return repr(float(value))
