"""The rules that ship with us, one module each: frozen typed settings and a pure vote."""
